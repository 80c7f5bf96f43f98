/** The report in docs/active-learning: figures as measured, in words; nothing here is written by hand. */
import { mean, overSeeds, paired, shareWords } from './summary.mjs'

const three = value => value.toFixed(3)
const signed = value => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
const difference = ({ value, low, high }) => `${signed(value)} (${signed(low)} to ${signed(high)})`
const band = (row, digits) =>
  `${row.value.toFixed(digits)} (${row.low.toFixed(digits)} to ${row.high.toFixed(digits)})`
const sum = list => list.reduce((all, one) => all + one, 0)

export function scenarioPage(setting, arms) {
  const { cycles, seeds, batch, errorRate } = setting
  const command = `npm run scenario -- --cycles ${cycles} --seeds ${seeds} --batch ${batch} --error ${errorRate}`
  const labels = arms[0].points[0].labels
  return `# Five cycles with an expert who errs

    ${command}

The whole loop on the demo corpus (12 preprints, 97 phantom slices): mined, trained, then ${cycles} times ${batch} cases
read over the annotator's real server and a new cycle by the real command line. The expert is simulated: what the
picture shows is known, and each of the six answers of a case is turned with a chance of ${100 * errorRate} %. Text and
picture disagree in places by design. \`balanced\` (the default) against \`random\`, ${seeds} seeds each, backbone
\`starter\`. A tenth of each batch is the audit. This page is written by the command; the phantoms are ours, so its
figures say how the program behaves, not how it would do on patients.

## Curves
AUC and average precision are over all cases against what the pictures show, out of fold where the cycle learned from
them and held out otherwise. *Wrong* counts labels that differ from the picture, *missing* those nobody gave, of the
${labels} that the cycles may learn from. In brackets the lowest and the highest of the
seeds, which the bands of the plots show too. Reading adds labels of which some are wrong, so that *wrong* rises while *missing* falls.

${['balanced', 'random'].map(strategy => curveTable(arms, strategy)).join('\n\n')}

![AUC of the flag](scenario-flag.png)
![Macro AP of the lesions](scenario-lesions.png)
![Wrong labels](scenario-wrong.png)

Balanced minus random, paired by seed, with the 95 % bootstrap interval over the seeds:

| figure | mean over the cycles after the first | after the last cycle |
|---|---|---|
${[
  ['AUC of the flag', point => point.flagAuc],
  ['macro AP of the lesions', point => point.lesionAp],
  ['wrong labels', point => point.wrong],
  ['missing labels', point => point.missing],
]
  .map(([name, of]) => {
    const over = paired(arms, arm => mean(arm.points.slice(1).map(of)))
    const last = paired(arms, arm => of(arm.points.at(-1)))
    return `| ${name} | ${difference(over)} | ${difference(last)} |`
  })
  .join('\n')}

${verdict(arms)}

## Corrections and their causes
${['balanced', 'random'].map(strategy => causesLine(arms, strategy)).join('\n')}

## Label audit
After the last cycle confident learning looks at every label on out-of-fold scores. The expert's turned answers are
known, so what it finds can be counted, all seeds together. Errors among the suspects against errors among all labels
of the expert is precision against chance.

| strategy | errors of the expert | precision: errors among the suspects | chance: errors among all labels | recall: errors suspected | found among as many first suspects as there are errors |
|---|---|---|---|---|---|
${['balanced', 'random'].map(strategy => auditRow(arms, strategy)).join('\n')}

## When to stop
The bound of the stop signal (at most so many of the unread labels would change, 95 % one-sided) against the number
that was in truth wrong, for each head at the end of each run:

${stopLines(arms)}

## Gates
${gateLines(arms)}
`
}

function curveTable(arms, strategy) {
  const row = (of, digits) => overSeeds(arms, strategy, of).map(one => band(one, digits))
  const columns = [
    overSeeds(arms, strategy, point => point.read).map(one => `${one.value}`),
    row(point => point.flagAuc, 3),
    row(point => point.lesionAp, 3),
    row(point => point.wrong, 1),
    row(point => point.missing, 1),
  ]
  return [
    `| \`${strategy}\`: cases read | AUC of the flag | macro AP of the lesions | wrong | missing |`,
    '|---|---|---|---|---|',
    ...columns[0].map((_, at) => `| ${columns.map(column => column[at]).join(' | ')} |`),
  ].join('\n')
}

/** Says of a difference only what its interval allows. */
function verdict(arms) {
  const words = (name, of, better) => {
    const { low, high } = paired(arms, arm => mean(arm.points.slice(1).map(of)))
    if (low <= 0 && high >= 0) return `${name}: no difference beyond the interval.`
    return `${name}: ${(low > 0) === (better === 'higher') ? 'balanced is better' : 'random is better'} beyond the interval.`
  }
  return [
    words('AUC of the flag', point => point.flagAuc, 'higher'),
    words('Macro AP of the lesions', point => point.lesionAp, 'higher'),
    words('Wrong labels', point => point.wrong, 'lower'),
  ].join(' ')
}

function causesLine(arms, strategy) {
  const all = arms.filter(one => one.strategy === strategy)
  const counts = new Map()
  for (const cause of all.flatMap(one => one.corrections)) counts.set(cause, (counts.get(cause) ?? 0) + 1)
  const listed = [...counts].sort((a, b) => b[1] - a[1]).map(([cause, count]) => `${cause} ${count}`)
  return `- \`${strategy}\`: ${listed.join(', ')} (${all.length} runs; ${sum(all.map(one => one.blind))} audit cases read blind).`
}

function auditRow(arms, strategy) {
  const own = arms.filter(one => one.strategy === strategy).map(one => one.labelAudit)
  const total = name => sum(own.map(one => one[name]))
  return `| \`${strategy}\` | ${total('planted')} of ${total('labels')} | ${shareWords(total('found'), total('suspects'))} | ${three(total('planted') / total('labels'))} | ${shareWords(total('found'), total('planted'))} | ${shareWords(total('foundFirst'), total('planted'))} |`
}

function stopLines(arms) {
  const all = arms.flatMap(one => one.stop).filter(one => one.bound !== null && one.unread > 0)
  const held = all.filter(one => one.wrong <= one.bound).length
  const reached = arms.flatMap(one => one.stop).filter(one => one.reached).length
  const example = arms[0].stop.map(one => `- ${one.sentence}.`).join('\n')
  return `The bound held in ${shareWords(held, all.length)} of the heads with an audit read and a label left. The
signal to stop was reached for ${reached} of ${arms.flatMap(one => one.stop).length} heads; with one audit read a batch it can hardly be. The first run
ended with:

${example}`
}

/** The gates' word on every cycle after the first; refusals by what they are about, and one in full. */
function gateLines(arms) {
  const asked = arms.flatMap(one => one.points.slice(1).map(point => point.gate))
  const refused = asked.filter(gate => !gate.promoted)
  const about = [
    ['AUC or average precision', /: (AUC|average precision) /],
    ['Brier score', /: Brier score /],
    ['calibration error', /: calibration error /],
  ].map(([name, pattern]) => `${name} ${refused.filter(({ why }) => pattern.test(why)).length}`)
  const first = refused[0] ? `\n\nThe first of them: *${refused[0].why}*` : ''
  return `The gates were asked at every cycle against the one promoted before it: ${asked.length - refused.length} of ${asked.length} were promoted, ${refused.length} refused
(by ${about.join(', ')}; one refusal may name several). The corpus has twelve documents, and no side of a split ten of
them, the fewest on which a difference is judged: its intervals would be too narrow to rely on. So the gates say n/a here
and let through; they show that in words, and a trainer looks at the differences. On sets of the size of COVID-CT they judge.${first}`
}
