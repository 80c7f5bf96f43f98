/**
 * npm run scenario [-- --cycles 5 --seeds 5 --batch 10 --error 0.05 --json --out FOLDER]
 *
 * The loop as a team runs it, on the demo corpus: mine, train, read what the queue brings up, train again. The expert
 * is simulated and errs at a known rate; everything else is the program itself: the built command line and the real
 * server over HTTP. `balanced` against `random`, each at several seeds. Writes docs/active-learning/scenario.md.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dist } from './dist.mjs'
import { shownByCase } from './expert.mjs'
import { mineCorpus, runArm } from './run-arm.mjs'
import { scenarioPage } from './scenario-page.mjs'
import { drawPoints } from './scenario-plot.mjs'

const { corpusFolder } = await dist('data/demo/truth.js')

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '5' },
    seeds: { type: 'string', default: '5' },
    batch: { type: 'string', default: '10' },
    error: { type: 'string', default: '0.05' },
    samples: { type: 'string', default: '500' },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'docs', 'active-learning') },
    json: { type: 'boolean', default: false },
  },
})
const setting = {
  cycles: Number(values.cycles),
  seeds: Number(values.seeds),
  batch: Number(values.batch),
  errorRate: Number(values.error),
  samples: Number(values.samples),
  // A tenth of what is read, where the program counts with batches of 50.
  auditShare: (0.1 * Number(values.batch)) / 50,
}

const shown = shownByCase()
const mined = await mineCorpus(corpusFolder())
const say = line => process.stderr.write(`${line}\n`)
const arms = []
try {
  for (let seed = 1; seed <= setting.seeds; seed++)
    for (const strategy of ['balanced', 'random'])
      arms.push(await runArm(mined.workspace, shown, { ...setting, strategy, seed }, say))
} finally {
  await mined.clear()
}
if (values.json) process.stdout.write(`${JSON.stringify({ setting, arms })}\n`)
else {
  await mkdir(values.out, { recursive: true })
  // The setting, then a run a line.
  const rows = [setting, ...arms].map(row => `${JSON.stringify(row)}\n`)
  await writeFile(join(values.out, 'scenario.jsonl'), rows.join(''))
  await writeFile(join(values.out, 'scenario.md'), scenarioPage(setting, arms))
  for (const [name, title, of] of [
    ['flag', 'AUC of the flag by cases read', point => point.flagAuc],
    ['lesions', 'macro AP of the lesions by cases read', point => point.lesionAp],
    ['wrong', 'wrong labels by cases read', point => point.wrong],
  ])
    await writeFile(join(values.out, `scenario-${name}.png`), await drawPoints(arms, { title, of }))
  say(`${join(values.out, 'scenario.md')} is written`)
}
