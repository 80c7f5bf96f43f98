/**
 * The text half of `npm run bench:extractor`: development sets beside the peers' published figures, errors by class,
 * and the speed of one thread as a ratio to raw wink-nlp in the same run. Runs the build: `npm run build` first.
 *
 *   node test/bench/extractor-text.mjs [--errors]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { negexRow, scoreNegex, scoreReports, scoreTexts } from './extractor-text-score.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const data = join(root, '..', 'shared', 'data')
const build = join(root, 'dist', 'extractor', 'text', 'miner.js')
const showErrors = process.argv.includes('--errors')

const lines = path =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
const three = value => value.toFixed(3)
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`)

if (!existsSync(build)) {
  console.error(`bench: ${build}: not built; run npm run build first`)
  process.exit(1)
}
const started = performance.now()
const { createMiner } = await import(build)
const miner = createMiner()
const loadMs = performance.now() - started

function captions() {
  return lines(join(data, 'covid-ct', 'captions.jsonl')).map(({ id, caption, gold }) => ({
    id,
    text: caption,
    gold: { ...gold, mentions: gold.mentions.map(each => ({ ...each, end: each.start + each.text.length })) },
  }))
}

const own = lines(join(root, 'test', 'fixtures', 'texts', 'texts.jsonl'))
const scored = texts => texts.map(({ id, text, gold }) => ({ id, text, gold, mined: miner.mine(text) }))

function errorsOf(rows) {
  const key = each => `${each.lesion} "${each.text}" ${each.assertion} ${(each.panels ?? []).join(',')}`
  for (const { id, gold, mined } of rows) {
    const wanted = gold.mentions.map(key)
    const got = mined.mentions.map(key)
    for (const each of wanted) if (!got.includes(each)) console.log(`  ${id} missed ${each}`)
    for (const each of got) if (!wanted.includes(each)) console.log(`  ${id} extra  ${each}`)
    if (gold.covid !== mined.covid.flag) console.log(`  ${id} flag ${gold.covid}, mined ${mined.covid.flag}`)
  }
}

function textRows(name, rows, peers) {
  const score = scoreTexts(rows)
  row(
    `${name}: exact / overlap / with assertion F1`,
    peers.mentions,
    [score.exact, score.overlap, score.strict].map(each => three(each.f1)).join(' / '),
  )
  row(`${name}: finding "present", micro-F1`, peers.finding, three(score.finding.f1))
  row(`${name}: flag accuracy`, peers.flag, three(score.flagAccuracy))
  row(`${name}: panel letters F1`, 'none does it', three(score.panels.f1))
  row(
    `${name}: mentions not present, found as such`,
    peers.notPresent,
    `${score.notPresentFound} of ${score.notPresent}`,
  )
  return rows
}

row('set', 'best peer, as published', 'lesionloop')
row('---', '---', '---')
const listed = []
if (existsSync(data)) {
  listed.push(
    textRows('86 captions', scored(captions()), {
      mentions: '.897 / .897 / .888',
      finding: '.978',
      flag: '.837',
      notPresent: '–',
    }),
  )
  const openi = lines(join(data, 'reports', 'openi-consolidation.jsonl')).map(
    ({ id, text, consolidation }) => ({
      id,
      text,
      gold: consolidation,
      positive: miner.mine(text).findings.Csld === 'present',
    }),
  )
  const reports = scoreReports(openi)
  row('OpenI consolidation, F1 (recall)', '.880 (1.0)', `${three(reports.f1)} (${three(reports.recall)})`)
  const negex = lines(join(data, 'reports', 'negex.jsonl'))
    .map(negexRow)
    .map(each => ({ ...each, mined: miner.assertTargets(each.text, each.targets)[0]?.assertion }))
  const sentences = scoreNegex(negex)
  row(
    'NegEx sentences, accuracy / negated F1',
    '.974 / .939',
    `${three(sentences.accuracy)} / ${three(sentences.negated.f1)}`,
  )
  if (showErrors) {
    for (const each of openi)
      if (each.gold !== each.positive) console.log(`  openi ${each.id} ${each.gold ? 'missed' : 'extra'}`)
    for (const each of negex)
      if ((each.mined === 'absent') !== each.negated)
        console.log(
          `  negex ${each.id} ${each.targets[0]}: ${each.mined}, gold ${each.negated ? 'negated' : 'affirmed'}`,
        )
  }
} else console.log(`(development sets: ${data} is missing; only the own texts are measured)`)
listed.push(
  textRows(`${own.length} own texts`, scored(own), {
    mentions: '–',
    finding: '–',
    flag: '–',
    notPresent: '–',
  }),
)
if (showErrors) for (const rows of listed) errorsOf(rows)

// Speed: the same captions over and over, one thread, after a warm-up; raw wink-nlp tokenises and cuts sentences.
const texts = (existsSync(data) ? captions() : own).map(each => each.text)
function perSecond(work, seconds) {
  for (const text of texts) work(text)
  let done = 0
  const from = performance.now()
  while (performance.now() - from < seconds * 1000)
    for (const text of texts) {
      work(text)
      done++
    }
  return done / ((performance.now() - from) / 1000)
}
const mined = perSecond(text => miner.mine(text), 3)
const memory = process.memoryUsage().rss / 1e6
const winkNLP = (await import('wink-nlp')).default
const model = (await import('wink-eng-lite-web-model')).default
const nlp = winkNLP(model, ['sbd'])
const raw = perSecond(text => nlp.readDoc(text).sentences().length(), 3)
row('captions a second, one thread', 'medspaCy 149, negspaCy 6,350', Math.round(mined).toLocaleString('en'))
row(
  'the same, against raw wink-nlp (tokens and sentences)',
  '–',
  `${(mined / raw).toFixed(2)} × ${Math.round(raw).toLocaleString('en')}`,
)
row('memory after it, MB', '–', memory.toFixed(0))
row('load (import and lexicon), ms', '–', loadMs.toFixed(0))
const cli = join(root, 'dist', 'cli.js')
if (existsSync(cli)) {
  const from = performance.now()
  spawnSync(process.execPath, [cli, 'label', '-'], { input: 'No consolidation.\n' })
  row('label, one line, whole process, ms', '–', (performance.now() - from).toFixed(0))
}
