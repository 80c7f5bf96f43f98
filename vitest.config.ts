import { defineConfig } from 'vitest/config'

/** A project per room, so that `npx vitest --project extractor` runs one room alone. */
const room = (name: string, extra: Record<string, unknown> = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
})

export default defineConfig({
  test: {
    // Three, also on two cores: much of the time is spent waiting for child processes, pages and the disk.
    maxWorkers: 3,
    // A busy machine makes a test slow, not wrong.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      // Files of these share what they import: nothing of it is changed by a test. TensorFlow's backend is: not the trainer's.
      room('data', { isolate: false }),
      room('extractor', { isolate: false }),
      room('trainer', { testTimeout: 60_000 }),
      room('annotator', { isolate: false }),
      room('cli', { testTimeout: 60_000 }),
      // The files of the containers, and what they start, as processes.
      room('deploy', { testTimeout: 180_000, hookTimeout: 180_000 }),
      // Slow on purpose where `npm run test:faults` and `npm run test:fuzz` ask for the long form.
      room('faults', { testTimeout: 1_800_000, hookTimeout: 600_000 }),
      room('fuzz', { testTimeout: 7_200_000, hookTimeout: 600_000 }),
      room('browser', {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        globalSetup: 'test/browser/run-folder.ts',
      }),
      room('loop', { testTimeout: 600_000, hookTimeout: 600_000 }),
    ],
  },
})
