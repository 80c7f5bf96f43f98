import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { onTestFinished } from 'vitest'
import type { ImportOptions } from '../../../data/formats/import-result.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import type { Progress } from '../../../data/records/job.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'

/** A folder of the test's own with these files; removed when the test is over. */
export function folderOf(files: Record<string, string | Uint8Array>): string {
  const dir = mkdtempSync(join(tmpdir(), 'lesionloop-formats-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), content)
  }
  return dir
}

/** A small picture of noise, another for each seed. */
export function picture(seed: number, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  const random = seededRandom(seed)
  const data = Uint8Array.from({ length: 24 * 20 * 3 }, () => random.integer(256))
  return sharp(data, { raw: { width: 24, height: 20, channels: 3 } })
    .toFormat(format)
    .toBuffer()
}

/** A workspace of the test's own, what is put into its store, and the problems told while it went on. */
export async function receiver() {
  const workspace = await openWorkspace(folderOf({}), { create: true })
  const puts = new Map<string, MinedCase[]>()
  const problems: NonNullable<Progress['problem']>[] = []
  const options: ImportOptions = {
    cases: { put: async (document, cases) => void puts.set(document, cases) },
    onProgress: ({ problem }) => {
      if (problem) problems.push(problem)
    },
  }
  return { workspace, puts, problems, options, cases: () => [...puts.values()].flat() }
}
