import * as tf from '@tensorflow/tfjs-core'
import { type BackendName, chooseBackend } from '../../../trainer/backend/choose-backend.ts'

/** The backends of this machine: wasm and cpu are part of the package, the others run where they were installed. */
export async function backendsHere(): Promise<BackendName[]> {
  const here: BackendName[] = ['cpu', 'wasm']
  for (const name of ['native', 'gpu'] as const) {
    try {
      await chooseBackend(name)
      here.push(name)
    } catch (error) {
      console.log(`conformance: ${name} left out: ${(error as Error).message}`)
    }
  }
  return here
}

/** Counts what a step leaves behind: nought where all is well. */
export function left(step: () => void): number {
  const before = tf.memory().numTensors
  step()
  return tf.memory().numTensors - before
}
