import * as tf from '@tensorflow/tfjs-core'
import type { Attribute, Graph, Node } from './graph.ts'
import { transposed } from './host-transpose.ts'

/** What a tensor stands for while a network is traced: numbers known beforehand, or a value of the graph. */
export type Traced = { constant: Float32Array; name?: string } | { value: string }

/** The open extent of a traced graph. */
export const BATCH = 'N'

/**
 * A backend of TensorFlow.js that computes nothing: it writes down which kernel was asked for, as nodes of ONNX. So the
 * function that trains and diagnoses is the one that is exported, whatever layers it is made of.
 *
 * TensorFlow.js keeps maps as [B, h, w, c], ONNX as [B, c, h, w]; axes are put in order while nodes are written.
 */
export class Tracer extends tf.KernelBackend {
  readonly graph: Graph
  readonly #traced = new Map<tf.DataId, Traced>()
  readonly #initializers = new Map<string, Float32Array | BigInt64Array>()
  #count = 0

  constructor(name: string) {
    super()
    this.graph = { name, nodes: [], initializers: [], inputs: [], outputs: [] }
  }

  /** A tensor whose numbers are known, under the name it shall have in the file. */
  constant(name: string, data: Float32Array, shape: readonly number[]): tf.Tensor {
    const tensor = tf.tensor(data, [...shape])
    this.#traced.set(tensor.dataId, { constant: data, name })
    return tensor
  }

  /** The input: pictures [1, h, w, c] here, [N, c, h, w] there. */
  input(name: string, [, height, width, channels]: [number, number, number, number]): tf.Tensor4D {
    this.graph.inputs.push({ name, shape: [BATCH, channels, height, width] })
    const info = this.value(name, [1, height, width, channels])
    return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor4D
  }

  /** Gives a traced tensor [1, n] a name in the file, as an output [N, n]. */
  output(name: string, tensor: tf.Tensor): void {
    this.graph.nodes.push({
      type: 'Identity',
      name,
      inputs: [this.nameOf(tensor)],
      output: name,
      attributes: {},
    })
    this.graph.outputs.push({ name, shape: [BATCH, ...tensor.shape.slice(1)] })
  }

  /** What a kernel gives back: a value of the graph, of the shape it has here. */
  value(name: string, shape: readonly number[]): tf.TensorInfo {
    return this.#info({ value: name }, shape)
  }

  /** What a kernel gives back where all it was given is known. */
  known(constant: Float32Array, shape: readonly number[], name?: string): tf.TensorInfo {
    return this.#info({ constant, ...(name === undefined ? {} : { name }) }, shape)
  }

  #info(traced: Traced, shape: readonly number[]): tf.TensorInfo {
    const dataId = {}
    this.#traced.set(dataId, traced)
    return { dataId, shape: [...shape], dtype: 'float32' }
  }

  /** Adds a node; answers the name of its value. */
  node(type: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
    const output = `${type.toLowerCase()}_${++this.#count}`
    const node: Node = { type, name: output, inputs, output, attributes }
    this.graph.nodes.push(node)
    return output
  }

  of({ dataId }: tf.TensorInfo): Traced {
    const traced = this.#traced.get(dataId)
    if (!traced) throw new Error('onnx: a tensor of another backend reached the trace')
    return traced
  }

  /** The numbers of a tensor that must be known: weights. */
  numbers(tensor: tf.TensorInfo, what: string): Float32Array {
    const traced = this.of(tensor)
    if ('constant' in traced) return traced.constant
    throw new Error(`onnx: ${what}: computed from the picture; weights were expected`)
  }

  /** The graph's name of a tensor: of its value, or of its numbers, which are put into the file. */
  nameOf(tensor: tf.TensorInfo, { asMap = tensor.shape.length === 4 } = {}): string {
    const traced = this.of(tensor)
    if ('value' in traced) return traced.value
    const { constant, name } = traced
    if (!asMap || tensor.shape.length < 4) return this.initializer(name, constant, tensor.shape)
    const turned = transposed(constant, tensor.shape, [0, 3, 1, 2])
    return this.initializer(name, turned.data, turned.shape)
  }

  /** Puts numbers into the file, once; answers their name. */
  initializer(
    name: string | undefined,
    data: Float32Array | BigInt64Array,
    shape: readonly number[],
  ): string {
    const base = name ?? `constant_${++this.#count}`
    const same = (one: Float32Array | BigInt64Array) =>
      one.length === data.length && one.every((x, at) => x === data[at])
    for (let copy = 1; ; copy++) {
      const free = copy === 1 ? base : `${base}_${copy}`
      const there = this.#initializers.get(free)
      const declared = this.graph.initializers.find(one => one.name === free)
      if (there && declared?.shape.join() === shape.join() && same(there)) return free
      if (there) continue
      this.#initializers.set(free, data)
      this.graph.initializers.push({ name: free, shape: [...shape], data })
      return free
    }
  }

  /** Whole numbers, as `Reshape` and `Pad` take them. */
  integers(values: readonly number[]): string {
    return this.initializer(`integers_${values.join('_')}`, BigInt64Array.from(values, BigInt), [
      values.length,
    ])
  }

  // What TensorFlow.js asks of every backend.

  override write(values: tf.BackendValues, shape: number[]): tf.DataId {
    const size = shape.reduce((product, extent) => product * extent, 1)
    const dataId = {}
    this.#traced.set(dataId, {
      constant: values ? Float32Array.from(values as Float32Array) : new Float32Array(size),
    })
    return dataId
  }
  override move(dataId: tf.DataId, values: tf.BackendValues): void {
    this.#traced.set(dataId, { constant: Float32Array.from(values as Float32Array) })
  }
  override readSync(dataId: object): tf.BackendValues {
    const traced = this.#traced.get(dataId)
    if (traced && 'constant' in traced) return traced.constant
    throw new Error('onnx: a network that looks at its own numbers while it runs cannot be exported')
  }
  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId)
  }
  override disposeData(dataId: object): boolean {
    return this.#traced.delete(dataId)
  }
  override incRef(): void {}
  override refCount(): number {
    return 1
  }
  decRef(): void {}
  override numDataIds(): number {
    return this.#traced.size
  }
  override memory() {
    return { unreliable: true }
  }
  override floatPrecision(): 32 {
    return 32
  }
  override epsilon(): number {
    return 1e-7
  }
  override timerAvailable(): boolean {
    return false
  }
  override dispose(): void {
    this.#traced.clear()
  }
}
