import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

/** Memory of the process above which it ends after its answer; the server starts a fresh one when it is asked again. */
const MEMORY_LIMIT = 2 * 2 ** 30

export default defineCommand({
  meta: {
    name: 'live',
    description:
      'Answers diagnoses and heat maps, a JSON line each on standard input; the annotator starts it',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    backend: { type: 'string', default: 'auto', description: 'auto, gpu, native, wasm or cpu' },
  },
  run: ({ args }) => {
    // Lines of the answers alone go out; what a library says goes beside them.
    console.log = console.error
    console.info = console.error
    const terminal = openTerminal()
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { chooseBackend } = await import('../trainer/backend/choose-backend.ts')
      const { Answerer } = await import('../trainer/live/answer.ts')
      const { serveLines } = await import('../trainer/live/serve-lines.ts')
      terminal.signal.addEventListener('abort', () => process.exit(0))
      const answerer = new Answerer(await openWorkspace(args.workspace))
      let isReady: Promise<unknown> | null = null
      await serveLines(
        process.stdin,
        process.stdout,
        async request => {
          isReady ??= chooseBackend(args.backend)
          await isReady
          return await answerer.answer(request)
        },
        () => {
          if (process.memoryUsage.rss() > MEMORY_LIMIT) process.stdout.write('', () => process.exit(0))
        },
      )
      // Worker threads of the backend would keep the process.
      process.exit(0)
    })
  },
})
