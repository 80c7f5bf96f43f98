/**
 * How far the two readers of test/fixtures/texts agree, and how the miner stands to each of them.
 * `npm run build && node test/bench/extractor-text-agreement.mjs`
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findingOf, LESIONS, scoreTexts } from './extractor-text-score.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const built = path => import(pathToFileURL(join(root, process.env.DIST ?? 'dist', path)).href)
const { cohenKappa } = await built('data/statistics/kappa.js')
const { createMiner } = await built('extractor/text/miner.js')

const rows = name =>
  readFileSync(new URL(`../fixtures/texts/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

/** Scores of one reading against another that is taken for the truth, with Cohen's kappa. */
function compare(name, gold, other) {
  const scores = scoreTexts(
    gold.map((reading, at) => ({
      gold: reading,
      mined: { covid: { flag: other[at].covid }, mentions: other[at].mentions },
    })),
  )
  const findings = readings =>
    readings.flatMap(reading => LESIONS.map(lesion => findingOf(reading.mentions, lesion)))
  const flags = readings => readings.map(reading => reading.covid)
  return {
    name,
    scores,
    findings: cohenKappa(findings(gold), findings(other)),
    flag: cohenKappa(flags(gold), flags(other)),
  }
}

/** The two readers and the miner, each pair compared; the miner's findings come along for lists of errors. */
export function agreement() {
  const texts = rows('texts.jsonl')
  const second = new Map(rows('second-reader.jsonl').map(row => [row.id, row]))
  const other = texts.map(({ id }) => {
    const reading = second.get(id)
    if (!reading) throw new Error(`second-reader.jsonl: ${id}: every text has a second reading; add it`)
    return reading
  })
  const first = texts.map(row => row.gold)
  const miner = createMiner()
  const found = texts.map(row => miner.mine(row.text))
  const mined = found.map(({ covid, mentions }) => ({ covid: covid.flag, mentions }))
  return {
    texts,
    second: other,
    found,
    pairs: [
      compare('second reader against the first', first, other),
      compare('miner against the first reader', first, mined),
      compare('miner against the second reader', other, mined),
    ],
  }
}

export const three = value => (value === null ? 'n/a' : value.toFixed(3))
export const interval = ({ value, low, high }) => `${three(value)} (${three(low)} to ${three(high)})`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { texts, pairs } = agreement()
  console.log(`${texts.length} texts`)
  for (const { name, scores, findings, flag } of pairs) {
    console.log(
      `${name}: mentions exact ${three(scores.exact.f1)}, overlap ${three(scores.overlap.f1)}, with assertion ${three(scores.strict.f1)}; panels ${three(scores.panels.f1)}; flag ${three(scores.flagAccuracy)}`,
    )
    console.log(`  kappa, findings ${interval(findings)}; flag ${interval(flag)}`)
  }
}
