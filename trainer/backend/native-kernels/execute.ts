import * as tf from '@tensorflow/tfjs-core'

/** The name under which the addons of TensorFlow.js register themselves, `native` and `gpu` alike. */
export const TENSORFLOW = 'tensorflow'

interface Attribute {
  name: string
  type: number
  value: unknown
}

/** What the addon's backend offers beyond TensorFlow.js: every operation of libtensorflow by its name. */
interface TensorflowBackend {
  binding: Record<`TF_ATTR_${'TYPE' | 'STRING' | 'INT' | 'FLOAT' | 'BOOL' | 'SHAPE'}`, number> &
    Record<'TF_FLOAT' | 'TF_INT32', number>
  executeMultipleOutputs(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[]
}

/** Whether libtensorflow is what computes just now. */
export const onTensorflow = (): boolean => tf.getBackend() === TENSORFLOW

const backend = () => tf.backend() as unknown as TensorflowBackend

/** Attributes of an operation, by kind. `types` are all float32 here unless said otherwise. */
export interface Attributes {
  float?: Record<string, number>
  int?: Record<string, number | readonly number[]>
  bool?: Record<string, boolean>
  string?: Record<string, string>
  shape?: Record<string, readonly number[]>
  /** Names of type attributes that are float32; `T` is, unless `bare`. */
  floats?: readonly string[]
  /** Names of type attributes that are int32. */
  ints?: readonly string[]
  bare?: boolean
}

/**
 * Runs one operation of libtensorflow. Nothing is recorded for gradients: call it in kernels and in the functions of
 * gradients only.
 * @param operation TensorFlow's name of it, as in `tf.raw_ops`. @param outputs how many tensors it gives.
 * @throws Error of TensorFlow where the operation refuses its input.
 */
export function execute(
  operation: string,
  inputs: readonly tf.TensorInfo[],
  attributes: Attributes = {},
  outputs = 1,
): tf.Tensor[] {
  return backend().executeMultipleOutputs(operation, listed(attributes), inputs, outputs)
}

/** Reading the addon's constants and building lists costs as much as a small operation, so the lists are kept. */
const lists = new WeakMap<Attributes, Attribute[]>()

function listed(attributes: Attributes): Attribute[] {
  const known = lists.get(attributes)
  if (known) return known
  const { binding } = backend()
  const { float = {}, int = {}, bool = {}, string = {}, shape = {} } = attributes
  const { floats = [], ints = [], bare = false } = attributes
  const of = (type: number, values: Record<string, unknown>): Attribute[] =>
    Object.entries(values).map(([name, value]) => ({ name, type, value }))
  const types = (names: readonly string[], value: number) =>
    names.map(name => ({ name, type: binding.TF_ATTR_TYPE, value }))
  const list = [
    ...types(bare ? floats : ['T', ...floats], binding.TF_FLOAT),
    ...types(ints, binding.TF_INT32),
    ...of(binding.TF_ATTR_FLOAT, float),
    ...of(binding.TF_ATTR_INT, int),
    ...of(binding.TF_ATTR_BOOL, bool),
    ...of(binding.TF_ATTR_STRING, string),
    ...of(binding.TF_ATTR_SHAPE, shape),
  ]
  lists.set(attributes, list)
  return list
}
