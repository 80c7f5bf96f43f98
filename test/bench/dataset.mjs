/**
 * `npm run bench:dataset`: what mining, taking in, handing on and searching for doubles costs, at 1,000, 10,000 and
 * 100,000 rows. A cost per row that stays flat as the set grows is what is looked for. `-- --rows 1000,10000` for fewer,
 * `-- --only mining|rows|pictures|duplicates` for a part. Rows share a picture among a hundred, as Label Studio only
 * names its pictures too; what pictures cost is measured by itself, with one of 512 × 512 for each row.
 */
import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import sharp from 'sharp'
import { exportCases } from '../../dist/data/formats/export-cases.js'
import { readExportContext } from '../../dist/data/formats/export-context.js'
import { EXPORTS, importFormat } from '../../dist/data/formats/registry.js'
import { seededRandom } from '../../dist/data/statistics/random.js'
import { openStore } from '../../dist/data/stores/open.js'
import { openWorkspace } from '../../dist/data/workspace/open.js'
import { createMiner } from '../../dist/extractor/text/miner.js'
import { timeDeduplication } from './dataset-duplicates.mjs'
import { printMining } from './dataset-mining.mjs'

const at = process.argv.indexOf('--rows')
const sizes = (at > 0 ? process.argv[at + 1] : '1000,10000,100000').split(',').map(Number)
const onlyAt = process.argv.indexOf('--only')
const part = name => onlyAt < 0 || process.argv[onlyAt + 1] === name
/** Formats that copy each row's picture are measured up to here. */
const MOST_COPIES = 10_000
const dir = mkdtempSync(join(tmpdir(), 'lesionloop-bench-dataset-'))
const LESIONS = ['ground-glass opacities', 'consolidation', 'crazy paving', 'air bronchogram']

if (part('mining')) await printMining()
if (part('mining')) console.log()
if (part('rows') || part('pictures'))
  console.log('| what | rows | seconds | s of CPU | µs of CPU a row | MB of memory | MB written |')
if (part('rows') || part('pictures')) console.log('| --- | --: | --: | --: | --: | --: | --: |')
async function timed(what, rows, work) {
  global.gc?.()
  let peak = process.memoryUsage.rss()
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 50)
  const before = process.cpuUsage()
  const started = performance.now()
  const bytes = await work()
  const seconds = (performance.now() - started) / 1000
  // Other programs on the machine stretch the seconds, hardly the CPU's.
  const { user, system } = process.cpuUsage(before)
  const cpu = (user + system) / 1e6
  clearInterval(watch)
  console.log(
    `| ${what} | ${rows} | ${seconds.toFixed(2)} | ${cpu.toFixed(2)} | ${((cpu / rows) * 1e6).toFixed(0)} | ${(peak / 2 ** 20).toFixed(0)} | ${bytes === undefined ? '' : (bytes / 2 ** 20).toFixed(1)} |`,
  )
}

/** Rows with a picture of their own, of the size of a figure's panel: noise, which is the hardest to decode. */
async function pictures(size) {
  const folder = join(dir, `pictures-${size}`)
  mkdirSync(folder)
  const random = seededRandom(size)
  const pixels = Buffer.from(Uint8Array.from({ length: 512 * 512 * 3 }, () => random.integer(256)))
  const lines = []
  for (let row = 0; row < size; row++) {
    pixels.writeUInt32LE(row, 0)
    const picture = sharp(pixels, { raw: { width: 512, height: 512, channels: 3 } })
    await writeFile(join(folder, `${row}.jpg`), await picture.jpeg({ quality: 80 }).toBuffer())
    lines.push(JSON.stringify({ image: `${row}.jpg`, flag: row % 2 ? 'positive' : 'negative' }))
  }
  await writeFile(join(folder, 'set.jsonl'), `${lines.join('\n')}\n`)
  const workspace = await openWorkspace(join(folder, 'workspace'), { create: true })
  const store = await openStore(workspace, { write: ['cases'] })
  await timed('import jsonl, a 512 × 512 JPEG a row', size, async () => {
    await importFormat('jsonl').run(workspace, join(folder, 'set.jsonl'), { cases: store.cases })
  })
  const context = await readExportContext(workspace)
  for (const format of ['imagefolder', 'la-dnn'])
    await timed(`export ${format}, a 512 × 512 JPEG a row`, size, async () => {
      await exportCases(workspace, format, join(folder, format), store.cases.all(), context)
    })
  await store.close()
  rmSync(folder, { recursive: true })
}

try {
  if (part('pictures')) for (const size of [500, 2000]) await pictures(size)
  for (const size of part('rows') ? sizes : []) {
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
    await timed('(reading the lines and JSON.parse alone)', size, async () => {
      for await (const line of createInterface({ input: createReadStream(join(folder, 'set.jsonl')) }))
        JSON.parse(line)
    })
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
      if (ending === null && size > MOST_COPIES) continue
      const out = join(folder, `out-${format}${ending ?? ''}`)
      await timed(`export ${format}`, size, async () => {
        const { exported, files } = await exportCases(workspace, format, out, store.cases.all(), context)
        if (exported !== size) throw new Error(`bench: ${exported} of ${size} rows written`)
        return files.reduce((sum, file) => sum + statSync(file).size, 0)
      })
      if (ending === null) rmSync(out, { recursive: true })
    }
    // Read from beside the pictures, as a set of tasks that names them.
    const studio = join(folder, 'tasks.json')
    await writeFile(
      studio,
      `[${lines.map(line => {
        const { image, flag, caption, ...rest } = JSON.parse(line)
        const choice = { from_name: 'flag', to_name: 'image', type: 'choices', value: { choices: [flag] } }
        return `\n${JSON.stringify({
          data: { image, caption },
          annotations: [{ result: [choice] }],
          meta: { provenance: rest, patient: rest.patient },
        })}`
      })}\n]`,
    )
    await timed('import label-studio', size, async () => {
      const { imported } = await importFormat('label-studio').run(workspace, studio, { cases: store.cases })
      if (imported !== size) throw new Error(`bench: ${imported} of ${size} tasks taken in`)
    })
    await store.close()
    rmSync(folder, { recursive: true })
  }
  if (part('duplicates')) {
    console.log()
    console.log('| search for doubles | hashes | seconds | µs of CPU each | pairs | doubles found |')
    console.log('| --- | --: | --: | --: | --: | --: |')
    for (const row of await timeDeduplication(sizes))
      console.log(
        `| near pairs of hashes | ${row.count} | ${row.seconds.toFixed(2)} | ${row.microsecondsEach.toFixed(1)} | ${row.pairs} | ${(100 * row.doublesFound).toFixed(1)} % |`,
      )
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
