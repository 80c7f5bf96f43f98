/**
 * `npm run bench:doubles`: how many made doubles of real slices are found, and what else is taken for one. The slices are
 * COVID-CT's, in two halves by patient or paper: thresholds are chosen on the first and judged on the second. Runs on
 * built code. `-- --pictures 60`: of how many slices a half doubles are made; all slices of the half are there as strangers.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { look } from '../../dist/data/duplicates/compare.js'
import { findDoubles, isSameSlice } from '../../dist/data/duplicates/find.js'
import { framedGrey } from '../../dist/data/duplicates/perceptual-hash.js'
import { windowHashes } from '../../dist/data/duplicates/windows.js'
import { paperOf } from '../../dist/data/splits/groups.js'
import { readPixels } from '../../dist/data/workspace/images.js'
import { mirrored, VARIANTS } from './slice-variants.mjs'

const root = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'covid-ct')
if (!existsSync(root)) {
  console.log('bench: shared/data/covid-ct is not there; nothing measured')
  process.exit(process.env.CI === 'true' ? 1 : 0)
}
const at = process.argv.indexOf('--pictures')
const made = at > 0 ? Number(process.argv[at + 1]) : 60
/** What is looked at in choosing; what agrees less than the least of each is never linked. */
const TILES = [0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
const DETAILS = [0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96]
/** Pairs of the published pictures that were looked at and show one slice. */
const KNOWN = [
  ['2020.03.22.20040782-p24-1533-2.png', '2020.03.22.20040782-p25-1541.png'],
  ['2020.03.22.20040782-p24-1533-6.png', '2020.03.22.20040782-p25-1543.png'],
  ['kjr-21-e24-p5-29.png', '71%0.jpg'],
  ['kjr-21-e24-p5-31.png', '71%1.jpg'],
  ['114.png', '116.png'],
  ['114.png', '118.png'],
  ['115.png', '117.png'],
  ['116.png', '118.png'],
  ['661.png', '662.png'],
].map(pair => pair.sort().join(' = '))

const patients = new Map(
  readFileSync(join(root, 'NonCOVID-CT-MetaInfo.csv'), 'utf8')
    .split('\n')
    .slice(1)
    .map(line => line.split(','))
    .filter(cells => cells.length > 1)
    .map(([name, patient]) => [name.trim(), patient.trim()]),
)
/** Patient of a control; paper of a COVID slice (`2020.03.22.20040782-p24-…`, `kjr-21-e24-p5-29.png`). */
const groupOf = name => patients.get(name) ?? paperOf(name.replace(/-p\d+-.*$/, '').replace(/[%-].*$/, ''))
const halfOf = name => createHash('sha256').update(groupOf(name)).digest()[0] % 2

const files = ['CT_COVID', 'CT_NonCOVID']
  .flatMap(folder =>
    readdirSync(join(root, 'images', folder)).map(name => ({
      name,
      path: join(root, 'images', folder, name),
    })),
  )
  .sort((a, b) => (a.name < b.name ? -1 : 1))

async function searchHalf(half) {
  const originals = files.filter(({ name }) => halfOf(name) === half)
  const pictures = new Map()
  const put = (id, pixels) => {
    const grey = framedGrey(pixels)
    pictures.set(id, { hashes: windowHashes(grey), grey: look(grey) })
  }
  const step = Math.max(1, Math.floor(originals.length / made))
  const chosen = new Set(originals.filter((_, index) => index % step === 0).slice(0, made))
  for (const file of originals) {
    const pixels = await readPixels(file.path)
    put(file.name, pixels)
    if (!chosen.has(file)) continue
    for (const [variant, make] of Object.entries(VARIANTS)) put(`${file.name}|${variant}`, await make(pixels))
    put(`${file.name}|mirrored`, await mirrored(pixels))
  }
  const signed = [...pictures].map(([id, { hashes }]) => ({ id, hashes }))
  const isVariant = id => id.includes('|')
  // What was there, and each made double, as if it came in by itself.
  const found = await findDoubles(signed, isVariant, async id => pictures.get(id).grey, {
    isSame: ({ tiles, detail }) => tiles >= TILES[0] && detail >= DETAILS[0],
  })
  const among = await findDoubles(
    signed.filter(({ id }) => !isVariant(id)),
    () => true,
    async id => pictures.get(id).grey,
    {
      isSame: ({ tiles, detail }) => tiles >= TILES[0] && detail >= DETAILS[0],
    },
  )
  return {
    chosen: [...chosen].map(({ name }) => name),
    originals: originals.map(({ name }) => name),
    pairs: [...found, ...among],
  }
}

/** Recall of each variant, and what was linked that is not one slice, under a verdict. */
function judge({ chosen, pairs }, isSame) {
  const links = pairs
    .filter(isSame)
    .map(({ one, other, tiles, detail }) => ({ one: one.split('|'), other: other.split('|'), tiles, detail }))
  const found = new Set()
  const wrong = new Map()
  let right = 0
  for (const {
    one: [a, va],
    other: [b, vb],
    tiles,
    detail,
  } of links) {
    const isKnown = KNOWN.includes([a, b].sort().join(' = '))
    const turned = (va === 'mirrored') !== (vb === 'mirrored')
    if ((a === b || isKnown) && !turned) {
      right++
      if (a === b && (va === undefined || vb === undefined)) found.add(`${a}|${va ?? vb}`)
    } else {
      const pair = [a, b].sort().join(' = ') + (turned ? ' (mirrored)' : '')
      if (!(wrong.get(pair)?.detail > detail)) wrong.set(pair, { tiles, detail })
    }
  }
  const names = Object.keys(VARIANTS)
  const of = variant => chosen.filter(name => found.has(`${name}|${variant}`)).length
  const recalls = Object.fromEntries(names.map(name => [name, of(name)]))
  const hits = names.reduce((sum, name) => sum + recalls[name], 0)
  const wrongLinks = links.length - right
  return {
    recalls,
    recall: hits / (names.length * chosen.length),
    precision: links.length ? right / links.length : 1,
    wrong,
    wrongLinks,
    links: links.length,
  }
}

const [first, second] = [await searchHalf(0), await searchHalf(1)]
const settings = TILES.flatMap(tiles => DETAILS.map(detail => ({ tiles, detail })))
const by =
  ({ tiles, detail }) =>
  like =>
    like.tiles >= tiles && like.detail >= detail
// A wrong link ties two patients together for good: precision goes before recall.
const scored = settings
  .map(setting => ({ setting, ...judge(first, by(setting)) }))
  .sort((a, b) => b.precision - a.precision || b.recall - a.recall || a.setting.detail - b.setting.detail)
const best = scored[0].setting
const percent = share => `${(100 * share).toFixed(1)} %`
for (const [name, half] of [
  ['chosen on', first],
  ['judged on', second],
])
  console.log(
    `${name}: ${half.originals.length} slices, ${half.chosen.length} of them with ${Object.keys(VARIANTS).length} made doubles each`,
  )
console.log(`\nchosen on the first half: tiles ≥ ${best.tiles}, detail ≥ ${best.detail}`)
for (const [name, rule] of [
  ['the rule chosen so', by(best)],
  ['the rule in use', isSameSlice],
]) {
  const [a, b] = [judge(first, rule), judge(second, rule)]
  console.log(
    `${name}: first half: recall ${percent(a.recall)}, precision ${percent(a.precision)}; second half: recall ${percent(b.recall)}, precision ${percent(b.precision)} (${b.wrongLinks} wrong of ${b.links} links)`,
  )
}
const report = judge(second, isSameSlice)
console.log('\n| double, by the rule in use | found in the second half |\n| --- | --: |')
for (const [variant, hits] of Object.entries(report.recalls))
  console.log(`| ${variant} | ${hits} of ${second.chosen.length} |`)
console.log(`\npairs linked that are not one slice, second half: ${report.wrong.size || 'none'}`)
for (const [pair, { tiles, detail }] of report.wrong)
  console.log(
    `  ${pair}: tiles ${tiles.toFixed(3)}, detail ${detail.toFixed(3)}${groupOf(pair.split(' = ')[0]) === groupOf(pair.split(' = ')[1].split(' ')[0]) ? ', one patient or paper' : ''}`,
  )
