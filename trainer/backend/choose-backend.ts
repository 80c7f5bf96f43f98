import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { registerGradients } from '../ops/gradients/register.ts'
import { startAddon } from './addon.ts'
import { registerNativeKernels } from './native-kernels/register.ts'
import { startWasm } from './wasm.ts'

export const BACKENDS = ['gpu', 'native', 'wasm', 'cpu'] as const
export type BackendName = (typeof BACKENDS)[number]

export interface ChosenBackend {
  name: BackendName
  /** One plain line: which was taken, and why not a better one. */
  reason: string
}

/**
 * Starts the backend asked for; `auto` takes the first of gpu, native, wasm, cpu that runs. Never falls back silently:
 * the reason says what was passed over and why.
 * @throws LesionloopError `backend-unknown`, `backend-missing` (asked for by name and not to be had), `backend-failed`.
 */
export async function chooseBackend(wanted: string = 'auto'): Promise<ChosenBackend> {
  registerGradients()
  registerNativeKernels()
  if (wanted !== 'auto' && !(BACKENDS as readonly string[]).includes(wanted))
    throw new LesionloopError('backend-unknown', `backend: ${wanted}: expected auto, ${BACKENDS.join(', ')}`)
  if (wanted !== 'auto') return { name: wanted as BackendName, reason: await START[wanted as BackendName]() }
  const passed: string[] = []
  for (const name of BACKENDS) {
    try {
      const taken = await START[name]()
      return { name, reason: [taken, ...passed].join('; ') }
    } catch (error) {
      passed.push(
        `not ${name}: ${(error as { details?: { why?: string } }).details?.why ?? messageOf(error)}`,
      )
    }
  }
  throw new LesionloopError(
    'backend-failed',
    `backend: none of ${BACKENDS.join(', ')} could be started: ${passed.join('; ')}; use Node 20 or later`,
  )
}

const START: Record<BackendName, () => Promise<string>> = {
  gpu: () => startAddon('gpu'),
  native: () => startAddon('native'),
  wasm: async () => {
    const threads = await startWasm()
    return `wasm: WebAssembly with SIMD on ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  },
  cpu: async () => {
    await import('@tensorflow/tfjs-backend-cpu')
    await tf.setBackend('cpu')
    await tf.ready()
    return 'cpu: plain JavaScript, for tests of tiny networks only'
  },
}
