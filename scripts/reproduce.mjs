/**
 * Trains the paper's baseline and LA-DNN from the same weights, seeds and steps on COVID-CT, and writes
 * docs/reproduction.md from the runs that are there. Says first what it will cost. A run that is done is skipped, one
 * that was stopped goes on: stop it with Ctrl-C and start it again at will.
 *
 *   npm run reproduce -- [--data DIR] [--weights NAME=FILE]… [--seeds 1,2,3] [--splits official,leak-free]
 *                        [--losses …] [--external DIR]… [--backend auto] [--plan] [--table]
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './ready.mjs'

const built = process.env.LESIONLOOP_DIST ?? join(root, 'dist')
const load = name => import(join(built, name))
const { values: given } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '..', 'shared', 'data', 'covid-ct') },
    weights: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '1,2,3' },
    splits: { type: 'string', default: 'official,leak-free' },
    losses: { type: 'string', default: 'flag-only,lesion-attention,paper,paper-code' },
    external: { type: 'string', multiple: true, default: [] },
    backend: { type: 'string', default: 'auto' },
    records: { type: 'string', default: join(root, 'docs', 'reproduction', 'runs') },
    states: { type: 'string' },
    plan: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
})

const { reproduce } = await load('trainer/reproduction/reproduce.js')
const { messageOf } = await load('data/errors.js')
const list = text => text.split(',').map(part => part.trim())
const own = join(root, '..', 'shared', 'data', 'weights', 'tf_efficientnet_lite0.safetensors')
const weights = new Map(given.weights.map(pair => pair.split('=')))
if (!weights.has('efficientnet-lite0') && existsSync(own)) weights.set('efficientnet-lite0', own)

const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'])
  process.once(name, () =>
    controller.abort(new Error('stopped: whole epochs are kept; run the same command to go on')),
  )
try {
  await reproduce({
    data: given.data,
    weights,
    seeds: list(given.seeds).map(Number),
    splits: list(given.splits),
    losses: list(given.losses),
    external: given.external,
    backend: given.backend,
    records: given.records,
    ...(given.states ? { states: given.states } : {}),
    document: join(root, 'docs', 'reproduction.md'),
    only: given.plan ? 'plan' : given.table ? 'table' : null,
    signal: controller.signal,
    say: line => console.log(line),
  })
  // Worker threads that prepare pictures would keep the process.
  process.exit(0)
} catch (error) {
  console.error(messageOf(error))
  process.exit(1)
}
