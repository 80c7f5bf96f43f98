import * as tf from '@tensorflow/tfjs-core'
import { type Attributes, execute, onTensorflow } from './execute.ts'

export interface AdamSettings {
  /** Step length before the corrections for a start at nought. */
  rate: number
  beta1: number
  beta2: number
  /** Added to √v̂, as in PyTorch and in the paper. */
  epsilon: number
  /** Steps taken with this one, from 1. */
  step: number
}

/** The parameter and Adam's two running means of it. */
export type AdamState = [value: tf.Tensor, first: tf.Tensor, second: tf.Tensor]

const HANDLE: Attributes = {
  floats: ['dtype'],
  shape: { shape: [] },
  // TensorFlow's word for a variable that lives as long as its handle.
  string: { container: '', shared_name: 'cd2c89b7-88b7-44c8-ad83-06c2a9158347' },
  bare: true,
}
const VARIABLE: Attributes = { floats: ['dtype'], bare: true }
const APPLY: Attributes = { bool: { use_locking: false, use_nesterov: false } }

/** Whether `fusedAdam` can be used. */
export const hasFusedAdam = onTensorflow

/**
 * Adam's step (Kingma and Ba 2015) of several parameters with the same settings, one operation of libtensorflow for
 * each (ResourceApplyAdam), in place. The tensors in `states` are used up; those that come back take their place.
 */
export function fusedAdam(
  states: readonly AdamState[],
  gradients: readonly tf.Tensor[],
  { rate, beta1, beta2, epsilon, step }: AdamSettings,
): AdamState[] {
  const handles = [0, 1, 2].map(() => execute('VarHandleOp', [], HANDLE)[0]!)
  // TensorFlow adds ε to √v instead of √v̂ = √(v / (1 − β₂ᵗ)): the same with ε · √(1 − β₂ᵗ).
  const corrected = epsilon * Math.sqrt(1 - beta2 ** step)
  const numbers = [beta1 ** step, beta2 ** step, rate, beta1, beta2, corrected].map(value => tf.scalar(value))
  const updated = states.map((state, at): AdamState => {
    state.forEach((tensor, part) => {
      execute('AssignVariableOp', [handles[part]!, tensor], VARIABLE, 0)
      // With nobody else holding it, the variable is changed where it lies.
      tensor.dispose()
    })
    execute('ResourceApplyAdam', [...handles, ...numbers, gradients[at]!], APPLY, 0)
    return handles.map(handle => execute('ReadVariableOp', [handle], VARIABLE)[0]!) as AdamState
  })
  tf.dispose([...handles, ...numbers])
  return updated
}
