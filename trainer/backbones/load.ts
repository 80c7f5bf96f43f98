import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError } from '../../data/errors.ts'
import { isGiven, loadGiven } from '../features/given-features.ts'
import { CLEANINGS, namedCleaning } from '../pictures/named-cleaning.ts'
import { findWeights, type WeightsOptions } from '../weights/find-weights.ts'
import { fitShapes } from '../weights/fit-shapes.ts'
import { type HostTensor, readSafetensors } from '../weights/safetensors.ts'
import type { Backbone, Parameters, Trainable } from './backbone.ts'
import { densenet121, densenet169 } from './densenet.ts'
import { efficientnetB0, efficientnetB1 } from './efficientnet.ts'
import { lite0 } from './efficientnet-lite0.ts'
import { resnet18, resnet50 } from './resnet.ts'
import { starter } from './starter.ts'
import { vgg16 } from './vgg16.ts'

/** All backbones by name. */
export const BACKBONES: ReadonlyMap<string, Backbone> = new Map(
  [starter, lite0, vgg16, resnet18, resnet50, densenet121, densenet169, efficientnetB0, efficientnetB1].map(
    one => [one.name, one],
  ),
)

/** A backbone with its weights in place, ready to run. */
export interface LoadedBackbone extends Backbone {
  parameters: Parameters
  /** What the weights are called: a file's name, or a name on the hub. */
  weightsName: string
  /** Hash of the file's bytes. */
  weightsSha256: string
  /** Features by image id that came in a file: nothing is computed then (`file:PATH`). */
  given?: ReadonlyMap<string, Float32Array>
}

export interface LoadOptions extends WeightsOptions {
  /** A safetensors file or a name on the model hub; by default the backbone's own. */
  init?: string
}

/**
 * A backbone by name; words behind a plus clean its pictures first (`efficientnet-lite0+borders+marks`).
 * @throws LesionloopError `backbone-unknown`.
 */
export function backboneNamed(name: string): Backbone {
  const asked = namedCleaning(name)
  const backbone = asked && BACKBONES.get(asked.base)
  if (!backbone)
    throw new LesionloopError(
      'backbone-unknown',
      `backbone: ${name}: expected one of ${[...BACKBONES.keys()].join(', ')}, with +${CLEANINGS.join(', +')} behind it to clean pictures first, or file:PATH for features of your own`,
    )
  const picture = asked?.picture
  return picture ? { ...backbone, name, preprocessing: { ...backbone.preprocessing, picture } } : backbone
}

/**
 * A backbone with its weights, as frozen features want them, or features of one's own (`file:PATH`). The backend must have
 * been chosen before.
 * @throws LesionloopError `backbone-unknown`, `weights-…`, `features-…`.
 */
export async function loadBackbone(name: string, options: LoadOptions = {}): Promise<LoadedBackbone> {
  if (isGiven(name)) return await loadGiven(name, options)
  const backbone = backboneNamed(name)
  const { tensors, ...found } = await readWeights(backbone, options)
  return { ...backbone, parameters: withTensors(tensors, raw => backbone.prepare(raw)), ...found }
}

/** A backbone that can be fine-tuned. @throws LesionloopError `backbone-unknown`, `backbone-frozen`. */
export function trainableNamed(name: string): Backbone & { trainable: Trainable } {
  const backbone = backboneNamed(name)
  const { trainable } = backbone
  if (trainable) return { ...backbone, trainable }
  const others = [...BACKBONES.values()].filter(one => one.trainable).map(one => one.name)
  throw new LesionloopError(
    'backbone-frozen',
    `backbone: ${name}: can't be fine-tuned, only its heads learn; give one of ${others.join(', ')}`,
  )
}

/**
 * A backbone with its weights as fine-tuning wants them: in the layout of `trainable.maps`, norms not folded.
 * @throws LesionloopError `backbone-unknown`, `backbone-frozen` (it can't be fine-tuned), `weights-…`.
 */
export async function loadTrainable(
  name: string,
  options: LoadOptions = {},
): Promise<LoadedBackbone & { trainable: Trainable; parameters: Map<string, tf.Tensor> }> {
  const { trainable, ...backbone } = trainableNamed(name)
  const { tensors, ...found } = await readWeights(backbone, options)
  return { ...backbone, trainable, parameters: withTensors(tensors, raw => trainable.arrange(raw)), ...found }
}

/** The tensors of a backbone out of a weights' file, in torch's layouts. */
async function readWeights(backbone: Backbone, { init, ...options }: LoadOptions) {
  const found = await findWeights(init ?? backbone.weights, options)
  const { tensors } = await readSafetensors(found.path)
  const fitting = fitBackbone(backbone, tensors, found.name)
  return { tensors: fitting, weightsName: found.name, weightsSha256: found.sha256 }
}

/**
 * Takes a backbone's parameters out of a file's tensors, whether under its own names or under those of the hub's file.
 * @throws LesionloopError `weights-mismatch`, naming every missing, surplus and misshapen tensor.
 */
export function fitBackbone(
  { shapes, classifier, ignored, rename = name => name }: Backbone,
  tensors: ReadonlyMap<string, HostTensor>,
  what: string,
): Map<string, HostTensor> {
  const named = new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]))
  return fitShapes(named, shapes, {
    what,
    ignored: name => classifier?.has(name) === true || ignored?.(name) === true,
  })
}

/** Hands host tensors over as tensors of the backend, and disposes these when `use` is done. */
function withTensors<T>(tensors: ReadonlyMap<string, HostTensor>, use: (raw: Parameters) => T): T {
  const raw = new Map([...tensors].map(([key, { data, shape }]) => [key, tf.tensor(data, shape)]))
  try {
    return use(raw)
  } finally {
    for (const tensor of raw.values()) tensor.dispose()
  }
}
