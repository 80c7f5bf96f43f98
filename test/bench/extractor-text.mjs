/**
 * The text half of `npm run bench:extractor`: development sets and own texts beside the peers' published figures, errors by
 * class of language, and the speed of one thread as a ratio to raw wink-nlp in the same run. Runs the build.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { agreement, interval } from './extractor-text-agreement.mjs'
import { negexErrors, reportErrors, textErrors } from './extractor-text-classes.mjs'
import { negexRow, scoreNegex, scoreReports, scoreTexts } from './extractor-text-score.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const dist = join(root, process.env.DIST ?? 'dist')
const data = join(root, '..', 'shared', 'data')

const started = performance.now()
const { createMiner } = await import(pathToFileURL(join(dist, 'extractor', 'text', 'miner.js')).href)
const miner = createMiner()
const loadMs = performance.now() - started

const lines = path =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
const three = value => value.toFixed(3)
const developmentCaptions = () =>
  lines(join(data, 'covid-ct', 'captions.jsonl')).map(({ id, caption, gold }) => ({
    id,
    text: caption,
    gold: { ...gold, mentions: gold.mentions.map(each => ({ ...each, end: each.start + each.text.length })) },
  }))

function textRows(name, score, [mentions, finding, notPresent, flag, panels], [...asked]) {
  return [
    [
      `${name}: mentions exact / overlap / with assertion, F1`,
      mentions,
      asked[0],
      [score.exact, score.overlap, score.strict].map(each => three(each.f1)).join(' / '),
    ],
    [`${name}: finding "present", micro-F1`, finding, asked[1], three(score.finding.f1)],
    [
      `${name}: mentions not present, found as such`,
      notPresent,
      asked[2],
      `${score.notPresentFound} of ${score.notPresent}`,
    ],
    [`${name}: flag accuracy`, flag, asked[3], three(score.flagAccuracy)],
    [`${name}: panel letters, F1`, panels, asked[4], three(score.panels.f1)],
  ]
}

/** The captions, OpenI and NegEx: rows of the table and errors by class. */
function developmentSets() {
  const captions = developmentCaptions().map(row => ({ ...row, mined: miner.mine(row.text) }))
  const openi = lines(join(data, 'reports', 'openi-consolidation.jsonl')).map(
    ({ id, text, consolidation }) => ({ id, gold: consolidation, mined: miner.mine(text) }),
  )
  const negex = lines(join(data, 'reports', 'negex.jsonl'))
    .map(negexRow)
    .map(row => ({ ...row, mined: miner.assertTargets(row.text, row.targets)[0]?.assertion }))
  const reports = scoreReports(
    openi.map(({ gold, mined }) => ({ gold, positive: mined.findings.Csld === 'present' })),
  )
  const sentences = scoreNegex(negex)
  return {
    rows: [
      ...textRows(
        `${captions.length} captions`,
        scoreTexts(captions),
        ['.897 / .897 / .888', '.978', '–', '.837', 'none does it'],
        ['.97 / .99 / .98', '.99', '–', '.96', '.95'],
      ),
      [
        `OpenI consolidation, ${openi.length.toLocaleString('en')} reports: F1 (recall)`,
        '.880 (1.0)',
        '.93 (1.0)',
        `${three(reports.f1)} (${three(reports.recall)})`,
      ],
      [
        `NegEx, ${negex.length.toLocaleString('en')} sentences: accuracy / negated F1`,
        '.974 / .939',
        '.985 / .965',
        `${three(sentences.accuracy)} / ${three(sentences.negated.f1)}`,
      ],
    ],
    errors: [
      { set: 'captions', errors: textErrors(captions) },
      { set: 'OpenI', errors: reportErrors(openi) },
      { set: 'NegEx', errors: negexErrors(negex) },
    ],
  }
}

/** Captions a second, the same captions over and over after a warm-up; raw wink-nlp cuts words and sentences. */
async function speed() {
  const texts = existsSync(data)
    ? developmentCaptions().map(each => each.text)
    : agreement().texts.map(each => each.text)
  const perSecond = (work, seconds) => {
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
  const nlp = winkNLP((await import('wink-eng-lite-web-model')).default, ['sbd'])
  const raw = perSecond(text => nlp.readDoc(text).sentences().length(), 3)
  const from = performance.now()
  spawnSync(process.execPath, [join(dist, 'cli.js'), 'label', '-'], { input: 'No consolidation.\n' })
  const label = performance.now() - from
  const whole = value => Math.round(value).toLocaleString('en')
  return [
    ['captions a second, one thread, after load', 'medspaCy 149, negspaCy 6,350', '8,000', whole(mined)],
    [
      'the same against raw wink-nlp (words and sentences), same run',
      '–',
      '–',
      `× ${(mined / raw).toFixed(2)} (of ${whole(raw)})`,
    ],
    ['memory after it', '–', 'under 250 MB', `${memory.toFixed(0)} MB`],
    ['load: import and lexicon', '–', '–', `${loadMs.toFixed(0)} ms`],
    ["`label`, first line, Node's start included", '–', 'under 500 ms', `${label.toFixed(0)} ms`],
  ]
}

/** `rows`: the development table; `own`: the own texts by both readers; `agreement`: readers and miner; `errors` by set. */
export async function textTables() {
  // Speed first: memory is then that of the miner and not that of the sets.
  const speeds = await speed()
  const there = existsSync(data)
  const sets = there ? developmentSets() : { rows: [], errors: [] }
  const { texts, second, found, pairs } = agreement()
  const peers = ['.853 / – / .828', '.905', '14 of 23', '.733', 'none does it']
  const asked = ['.92 / – / .92', '.95', '20 of 23', '.90', '–']
  const [, first, other] = pairs
  const read = gold => texts.map(({ id }, at) => ({ id, gold: gold[at], mined: found[at] }))
  return {
    missing: there ? undefined : data,
    rows: [...sets.rows, ...speeds],
    own: [
      ...textRows('first reader', first.scores, peers, asked),
      ...textRows('second reader', other.scores, peers, asked),
    ],
    agreement: pairs.map(({ name, scores, findings, flag }) => [
      name,
      ...[scores.exact, scores.overlap, scores.strict, scores.panels].map(each => three(each.f1)),
      three(scores.flagAccuracy),
      interval(findings),
      interval(flag),
    ]),
    errors: [
      ...sets.errors,
      {
        set: `${texts.length} own texts, first reader`,
        errors: textErrors(read(texts.map(row => row.gold))),
      },
      { set: `${texts.length} own texts, second reader`, errors: textErrors(read(second)) },
    ],
  }
}
