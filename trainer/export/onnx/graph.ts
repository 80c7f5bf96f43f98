/** A network as ONNX holds it: nodes in the order they run, and the values they begin with. */
export interface Graph {
  name: string
  nodes: Node[]
  initializers: Initializer[]
  inputs: Port[]
  outputs: Port[]
}

/** Whole numbers and fractions are told apart, since ONNX does. */
export type Attribute = { int: number } | { float: number } | number[] | string

export interface Node {
  /** Operator of the standard: `Conv`. */
  type: string
  name: string
  inputs: string[]
  output: string
  attributes: Record<string, Attribute>
}

/** Weights (float32) or a shape (int64). */
export interface Initializer {
  name: string
  shape: number[]
  data: Float32Array | BigInt64Array
}

/** An extent by name is open. */
export interface Port {
  name: string
  shape: (number | string)[]
}
