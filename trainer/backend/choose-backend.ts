import { createRequire } from 'node:module'
import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { startWasm } from './wasm.ts'

export const BACKENDS = ['gpu', 'native', 'wasm', 'cpu'] as const
export type BackendName = (typeof BACKENDS)[number]

export interface ChosenBackend {
  name: BackendName
  /** One plain line: which was taken, and why not a better one. */
  reason: string
}

/** The addons behind `gpu` and `native`. They are no dependencies: taken where they are installed. */
const ADDONS = { gpu: '@tensorflow/tfjs-node-gpu', native: '@tensorflow/tfjs-node' } as const

/**
 * Starts the backend asked for; `auto` takes the first of gpu, native, wasm, cpu that runs. Never falls back silently:
 * the reason says what was passed over and why.
 * @throws LesionloopError `backend-unknown`, `backend-missing` (asked for by name and not to be had), `backend-failed`.
 */
export async function chooseBackend(wanted: string = 'auto'): Promise<ChosenBackend> {
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
  gpu: async () => {
    await startAddon('gpu')
    return 'gpu: the tfjs-node-gpu addon found a GPU'
  },
  native: async () => {
    await startAddon('native')
    return 'native: the tfjs-node addon on the CPU'
  },
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

async function startAddon(name: keyof typeof ADDONS): Promise<void> {
  const addon = ADDONS[name]
  const missing = (why: string, cause?: unknown) =>
    new LesionloopError(
      'backend-missing',
      `backend: ${name}: ${why}; install the addon, or use --backend auto`,
      { why, addon },
      { cause },
    )
  try {
    createRequire(import.meta.url).resolve(addon)
  } catch (error) {
    throw missing(`${addon} is not installed`, error)
  }
  try {
    await import(addon)
    await tf.setBackend('tensorflow')
    await tf.ready()
  } catch (error) {
    throw missing(`${addon} does not load (${messageOf(error)})`, error)
  }
  if (tf.getBackend() !== 'tensorflow') throw missing(`${addon} started no backend`)
  // The addon falls back to the CPU where CUDA or a GPU is missing; that is then not what was asked for.
  const { isGPUPackage, isUsingGpuDevice } = tf.backend() as unknown as {
    isGPUPackage?: boolean
    isUsingGpuDevice?: boolean
  }
  if (name === 'gpu' && !(isGPUPackage && isUsingGpuDevice))
    throw missing('no GPU, its driver or the CUDA libraries were found')
}
