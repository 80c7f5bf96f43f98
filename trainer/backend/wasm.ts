import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { startKernels } from './wasm-kernels/kernel-host.ts'
import { registerWasmKernels } from './wasm-kernels/register.ts'
import { withNodeWorkers } from './wasm-threads.ts'

/** The part of the WebAssembly module that the guard below needs. */
interface WasmModule {
  _malloc(bytes: number): number
  _free(address: number): void
}

/**
 * Starts the wasm backend on all cores (or `threads`); answers how many threads it runs on.
 * One thread where workers can't be started: slower, same numbers.
 */
export async function startWasm(threads = Math.min(8, availableParallelism())): Promise<number> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  if (tf.getBackend() === 'wasm') return wasm.getThreadsCount()
  if (tf.findBackend('wasm')) {
    await tf.setBackend('wasm')
    return wasm.getThreadsCount()
  }
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))
  wasm.setWasmPaths(join(folder, sep))
  wasm.setThreadsCount(threads)
  try {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1)
    await withNodeWorkers(threads, start)
    const kernels = await startKernels(threads)
    if (kernels) registerWasmKernels(kernels)
  } catch (error) {
    throw new LesionloopError(
      'backend-failed',
      `backend: wasm: ${messageOf(error)}: WebAssembly with SIMD was expected; use Node 20 or later`,
      {},
      { cause: error },
    )
  }
  return wasm.getThreadsCount()
}

async function start(): Promise<void> {
  if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly module did not start')
  await tf.ready()
  guardMemory((tf.backend() as unknown as { wasm: WasmModule }).wasm)
}

/**
 * WebAssembly ends at 4 GiB; malloc then answers 0 and TensorFlow.js would write its tensors over address 0 and
 * compute on rubbish. Here that is an error.
 */
function guardMemory(module: WasmModule): void {
  // The first call puts the real function in the place of a stand-in, and would take the guard away again.
  module._free(module._malloc(8))
  const malloc = module._malloc
  module._malloc = bytes => {
    const address = malloc(bytes)
    if (address === 0 && bytes > 0)
      throw new LesionloopError(
        'out-of-memory',
        `memory: ${Math.ceil(bytes / 2 ** 20)} MiB more on the wasm backend, which ends at 4 GiB: a smaller batch was expected; use --batch with half the images`,
      )
    return address
  }
}
