import { resolve } from 'node:path'
import { LesionloopError } from '../data/errors.ts'

/** Arguments of `train` and `cycle`, said once. Values are checked by trainer/cycle/options.ts. */
export const TRAINING_ARGS = {
  workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
  backbone: {
    type: 'string',
    description: 'starter or efficientnet-lite0; by default as in the newest cycle, else starter',
  },
  init: {
    type: 'string',
    description: "the backbone's weights: FILE.safetensors, or a name on the model hub",
  },
  backend: { type: 'string', description: 'auto, gpu, native, wasm or cpu (default auto)' },
  seed: { type: 'string', description: 'seed of everything random (default 1)' },
  'only-expert': {
    type: 'boolean',
    description: 'learn from experts alone; leave mined and published labels out',
  },
  unmentioned: {
    type: 'string',
    description:
      'a lesion the text does not name: masked or absent (default as in the newest cycle, else masked; the paper: absent)',
  },
  controls: {
    type: 'string',
    description:
      'lesions of controls that nobody read: masked or absent (default as in the newest cycle, else masked)',
  },
  'source-weights': {
    type: 'string',
    description: 'how much labels count by source, such as mined=0.5,published=1',
  },
  'class-weights': { type: 'string', description: 'balanced or none (default balanced)' },
  hidden: { type: 'string', description: 'units of the trunk both heads share (default 0: linear heads)' },
  penalties: { type: 'string', description: 'L2 penalties to choose from, such as 10,100,1000' },
  lambdas: { type: 'string', description: "weights of the lesions' loss to choose from, such as 0.1,1" },
  folds: { type: 'string', description: 'folds of out-of-fold prediction (default 5)' },
  epochs: { type: 'string', description: 'epochs over all cases (default 150)' },
  rate: { type: 'string', description: "Adam's step (default 0.02)" },
  strategy: { type: 'string', description: 'order of review: entropy or random (default entropy)' },
  samples: { type: 'string', description: 'bootstrap resamples of every interval (default 2000)' },
  batch: { type: 'string', description: 'pictures at a time (default 8)' },
  json: { type: 'boolean', description: 'print the result as JSON' },
} as const

type Given = Partial<Record<keyof typeof TRAINING_ARGS, string | boolean | undefined>>

/** Arguments as options of a cycle. @throws LesionloopError `usage`. */
export async function trainingOptions(args: Given) {
  const { readCycleOptions } = await import('../trainer/cycle/options.ts')
  const text = (name: keyof Given) => (typeof args[name] === 'string' ? { [name]: args[name] } : {})
  const number = (name: keyof Given) =>
    typeof args[name] === 'string' ? { [name]: toNumber(name, args[name]) } : {}
  const list = (name: keyof Given) =>
    typeof args[name] === 'string' ? { [name]: args[name].split(',').map(part => toNumber(name, part)) } : {}
  // A file is named from where the command runs; the next cycle may run from elsewhere.
  const init =
    typeof args.init === 'string' && args.init.endsWith('.safetensors') ? resolve(args.init) : args.init
  return readCycleOptions({
    ...text('backbone'),
    ...(typeof init === 'string' ? { init } : {}),
    ...text('backend'),
    ...text('unmentioned'),
    ...text('controls'),
    ...(typeof args['class-weights'] === 'string' ? { classWeights: args['class-weights'] } : {}),
    ...text('strategy'),
    ...number('seed'),
    ...number('hidden'),
    ...number('folds'),
    ...number('epochs'),
    ...number('rate'),
    ...number('samples'),
    ...number('batch'),
    ...list('penalties'),
    ...list('lambdas'),
    ...(typeof args['source-weights'] === 'string'
      ? { sourceWeights: toWeights(args['source-weights']) }
      : {}),
    ...(args['only-expert'] === true ? { onlyExpert: true } : {}),
  } as Parameters<typeof readCycleOptions>[0])
}

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
