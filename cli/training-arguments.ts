import { resolve } from 'node:path'
import { LesionloopError } from '../data/errors.ts'
import { type Given, readConfiguration, splitOptions } from './training-configuration.ts'

const text = (description: string) => ({ type: 'string', description }) as const
const choice = (description: string) => ({ type: 'boolean', description }) as const

/** Arguments of `train` and `cycle`, said once. Values are checked by trainer/cycle/options.ts and trainer/finetune/options.ts. */
export const TRAINING_ARGS = {
  workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
  config: text('JSON file with any of these options under the same names; the command line wins'),
  fit: text('heads (on frozen, cached features: seconds; default) or finetune (the whole network: minutes)'),
  from: text(
    'afresh (default), or promoted: start from the promoted cycle, of the same backbone, weights and --fit',
  ),
  backbone: text(
    'starter, efficientnet-lite0 or another (see the docs); by default as in the newest cycle, else starter',
  ),
  init: text("the backbone's weights: FILE.safetensors, or a name on the model hub"),
  backend: text('auto, gpu, native, wasm or cpu (default auto)'),
  seed: text('seed of everything random (default 1)'),
  'only-expert': choice('learn from experts alone; leave mined and published labels out'),
  unmentioned: text(
    'a lesion the text does not name: masked or absent (default as in the newest cycle, else masked; the paper: absent)',
  ),
  controls: text(
    'lesions of controls that nobody read: masked or absent (default as in the newest cycle, else masked)',
  ),
  'source-weights': text('how much labels count by source, such as mined=0.5,published=1'),
  'class-weights': text('balanced or none (default balanced)'),
  hidden: text('heads: units of the trunk both heads share (default 0: linear heads)'),
  penalties: text('heads: L2 penalties to choose from, such as 10,100,1000'),
  lambdas: text("heads: weights of the lesions' loss to choose from, such as 0.1,1"),
  folds: text('folds of out-of-fold prediction (default 5)'),
  epochs: text('epochs over all cases (default: heads 150, finetune 14)'),
  rate: text("heads: Adam's step (default 0.02)"),
  strategy: text(
    'order of review: balanced, random, entropy, margin, least-confidence, bald, core-set, badge or typiclust (default balanced)',
  ),
  'audit-share': text('share of a batch drawn by chance and read blind (default 0.1)'),
  samples: text('bootstrap resamples of every interval (default 2000)'),
  batch: text('pictures at a time (default: features 8, finetune 16)'),
  loss: text('finetune: lesion-attention (default), flag-only, paper or paper-code'),
  lambda: text("finetune: weight of the lesions' loss (default 0.5)"),
  optimizer: text('finetune: adamw (default) or sgd'),
  'head-rate': text('finetune: highest step of the heads (default 0.002)'),
  'backbone-rate': text("finetune: highest step of the backbone's last stage (default 0.001)"),
  'stage-decay': text('finetune: share of the step that each stage nearer the input takes (default 1)'),
  momentum: text('finetune, sgd: momentum (default 0.9)'),
  nesterov: choice('finetune, sgd: Nesterov momentum (default; --no-nesterov: plain)'),
  'weight-decay': text('finetune: decay of weights, never of norms and biases (default 0.02)'),
  schedule: text('finetune: one-cycle (default), cosine or constant'),
  warmup: text('finetune: share of the steps over which the rate rises (default 0.25)'),
  freeze: text('finetune: stages from the input that stay as they are (default 0)'),
  gradual: text('finetune: epochs after which one more stage learns, from the output (default 0: all)'),
  'frozen-norms': choice('finetune: batch norms keep the statistics they came with'),
  clip: text('finetune: greatest norm of the gradient (default 5; 0: none)'),
  dropout: text('finetune: dropout before the heads (default 0.2)'),
  mixup: text('finetune: alpha of mixup (default 0.2; 0: none)'),
  smoothing: text('finetune: label smoothing (default 0.05)'),
  ema: text('finetune: share of the old in the running average of weights (default 0.95; 0: none)'),
  tta: text('finetune: views when judging: none, flip (default) or flip-crops'),
  patience: text('finetune: epochs without a better validation loss before stopping (default 0: never)'),
  keep: text('finetune: the best epoch on validation (default), or the last'),
  'train-size': text("finetune: pixels a side while learning (default the backbone's)"),
  'test-size': text("finetune: pixels a side when judging (default the backbone's)"),
  augment: text('finetune: changes of pictures while learning, as JSON such as \'{"rotate":12}\'; none: off'),
  workers: text('finetune: threads that prepare pictures (default 1)'),
  json: choice('print the result as JSON'),
} as const

type Args = Partial<Record<keyof typeof TRAINING_ARGS, string | boolean | undefined>>

const NUMBERS = new Set([
  ...['audit-share', 'seed', 'hidden', 'folds', 'epochs', 'rate', 'samples', 'batch', 'lambda', 'head-rate'],
  ...['backbone-rate', 'stage-decay', 'momentum', 'weight-decay', 'warmup', 'freeze', 'gradual', 'clip'],
  ...['dropout', 'mixup', 'smoothing', 'ema', 'patience', 'train-size', 'test-size', 'workers'],
])
const LISTS = new Set(['penalties', 'lambdas'])
/** Not options of a training. */
const OTHERS = new Set<string>(['workspace', 'config', 'json'])

/**
 * Arguments as options of a cycle, over those of a configuration file where one is named.
 * @throws LesionloopError `usage`, `file-missing`, `file-damaged`.
 */
export async function trainingOptions(args: Args) {
  const { readCycleOptions } = await import('../trainer/cycle/options.ts')
  const file = typeof args.config === 'string' ? await readConfiguration(args.config) : {}
  const given: Given = { ...file, ...fromCommandLine(args) }
  // A file is named from where the command runs; the next cycle may run from elsewhere.
  const init = given['init']
  if (typeof init === 'string' && init.endsWith('.safetensors')) given['init'] = resolve(init)
  return readCycleOptions((await splitOptions(given)) as Parameters<typeof readCycleOptions>[0])
}

function fromCommandLine(args: Args): Given {
  const given: Given = {}
  for (const name of Object.keys(TRAINING_ARGS) as (keyof Args)[]) {
    const value = args[name]
    if (value !== undefined && !OTHERS.has(name)) given[camel(name)] = optionOf(name, value)
  }
  return given
}

function optionOf(name: string, value: string | boolean): unknown {
  if (typeof value === 'boolean') return value
  if (NUMBERS.has(name)) return toNumber(name, value)
  if (LISTS.has(name)) return value.split(',').map(part => toNumber(name, part))
  if (name === 'source-weights') return toWeights(value)
  if (name === 'augment') return toAugment(value)
  return value
}

const camel = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

function toNumber(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new LesionloopError('usage', `options: --${name}: ${text}: a number was expected; see --help`)
  return value
}

function toWeights(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map(part => {
      const [source, weight] = part.split('=')
      return [String(source).trim(), toNumber('source-weights', weight ?? '')]
    }),
  )
}

function toAugment(text: string): unknown {
  if (text === 'none') return null
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LesionloopError(
      'usage',
      `options: --augment: ${text}: none or a JSON object was expected; see --help`,
      {},
      { cause: error },
    )
  }
}
