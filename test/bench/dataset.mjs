/**
 * `npm run bench:dataset`: what taking in, handing on and freezing a dataset costs, at 1,000, 10,000 and 100,000 rows.
 * A cost per row that stays flat as the set grows is what is looked for. `-- --rows 1000,10000` for fewer.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { exportCases } from '../../dist/data/formats/export-cases.js'
import { readExportContext } from '../../dist/data/formats/export-context.js'
import { EXPORTS, importFormat } from '../../dist/data/formats/registry.js'
import { openStore } from '../../dist/data/stores/open.js'
import { openWorkspace } from '../../dist/data/workspace/open.js'
import { createMiner } from '../../dist/extractor/text/miner.js'

const at = process.argv.indexOf('--rows')
const sizes = (at > 0 ? process.argv[at + 1] : '1000,10000,100000').split(',').map(Number)
const dir = mkdtempSync(join(tmpdir(), 'lesionloop-bench-dataset-'))
const LESIONS = ['ground-glass opacities', 'consolidation', 'crazy paving', 'air bronchogram']

console.log('| what | rows | seconds | µs a row | MB of memory | MB written |')
console.log('| --- | --: | --: | --: | --: | --: |')
async function timed(what, rows, work) {
  global.gc?.()
  let peak = process.memoryUsage.rss()
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 50)
  const started = performance.now()
  const bytes = await work()
  const seconds = (performance.now() - started) / 1000
  clearInterval(watch)
  console.log(
    `| ${what} | ${rows} | ${seconds.toFixed(2)} | ${((seconds / rows) * 1e6).toFixed(0)} | ${(peak / 2 ** 20).toFixed(0)} | ${bytes === undefined ? '' : (bytes / 2 ** 20).toFixed(1)} |`,
  )
}

try {
  for (const size of sizes) {
    const folder = join(dir, String(size))
    mkdirSync(folder)
    // A picture a hundred rows: what is measured is the rows, not the decoding of pictures.
    for (let each = 0; each < size / 100; each++)
      await writeFile(
        join(folder, `${each}.png`),
        await sharp({
          create: {
            width: 16,
            height: 16,
            channels: 3,
            background: { r: each % 256, g: (each >> 8) % 256, b: 9 },
          },
        })
          .png()
          .toBuffer(),
      )
    const lines = []
    for (let row = 0; row < size; row++)
      lines.push(
        JSON.stringify({
          image: `${Math.floor(row / 100)}.png`,
          flag: row % 2 ? 'positive' : 'negative',
          GGO: row % 3 ? 'present' : 'absent',
          caption: `CT of patient ${row % 997} shows ${LESIONS[row % 4]}.`,
          document: `paper-${Math.floor(row / 100)}`,
          figure: `Figure ${Math.floor((row % 100) / 10) + 1}`,
          panel: String.fromCharCode(65 + (row % 10)),
          patient: `p${row % 997}`,
          side: ['train', 'val', 'test'][Math.floor(row / 100) % 3],
        }),
      )
    await writeFile(join(folder, 'set.jsonl'), `${lines.join('\n')}\n`)
    const workspace = await openWorkspace(join(folder, 'workspace'), { create: true })
    const store = await openStore(workspace, { write: ['cases'] })
    const miner = createMiner()
    await timed('import jsonl, nothing mined', size, async () => {
      const { imported } = await importFormat('jsonl').run(workspace, join(folder, 'set.jsonl'), {
        cases: store.cases,
      })
      if (imported !== size) throw new Error(`bench: ${imported} of ${size} rows taken in`)
    })
    await timed('import jsonl, captions mined', size, async () => {
      const { imported } = await importFormat('jsonl').run(workspace, join(folder, 'set.jsonl'), {
        cases: store.cases,
        mineText: texts => texts.map(text => miner.mine(text)),
      })
      if (imported !== size) throw new Error(`bench: ${imported} of ${size} rows taken in`)
    })
    const context = await readExportContext(workspace)
    for (const [format, { ending }] of Object.entries(EXPORTS)) {
      const out = join(folder, `out-${format}${ending ?? ''}`)
      await timed(`export ${format}`, size, async () => {
        const { exported, files } = await exportCases(workspace, format, out, store.cases.all(), context)
        if (exported !== size) throw new Error(`bench: ${exported} of ${size} rows written`)
        return files.reduce((sum, file) => sum + statSync(file).size, 0)
      })
      if (ending === null) rmSync(out, { recursive: true })
    }
    await store.close()
    rmSync(folder, { recursive: true })
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
