import type { HeadTruth } from './targets.ts'

/** A case as it is learned from: its features, its group, and what it teaches. */
export interface Example {
  features: Float32Array
  group: string
  lesson: HeadTruth[]
}

/** Features of examples, row after row. */
export function joined(examples: readonly Pick<Example, 'features'>[], width: number): Float32Array {
  const all = new Float32Array(examples.length * width)
  examples.forEach(({ features }, at) => {
    all.set(features, at * width)
  })
  return all
}
