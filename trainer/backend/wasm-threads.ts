import { createRequire } from 'node:module'
import type { CpuInfo } from 'node:os'
import type { Worker } from 'node:worker_threads'

const require = createRequire(import.meta.url)
const THREADED = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js'
const THREADED_WORKER = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js'
const EVENTS = ['uncaughtException', 'unhandledRejection'] as const

/**
 * Runs `start` in a way that lets the threaded WebAssembly of TensorFlow.js run on `threads` threads under Node.
 * Three things stand against it, each put right here and only while `start` runs:
 * - The package hands each worker a `blob:` address, which Node's Worker refuses, and sends it its main script as a
 *   Blob, which Node's workers can't import. The worker's source is evaluated instead, and the main script is named
 *   by its file in node_modules.
 * - The pool is never larger than half the cores it counts, so it is shown twice as many as it may use.
 * - Emscripten adds process-wide listeners that would turn every rejected promise into the program's end, and keeps
 *   the process alive for its idle workers.
 */
export async function withNodeWorkers<T>(threads: number, start: () => Promise<T>): Promise<T> {
  const workers = require('node:worker_threads') as { Worker: typeof Worker }
  const os = require('node:os') as { cpus: () => CpuInfo[] }
  const mainScript = require.resolve(THREADED)
  const { wasmWorkerContents } = require(THREADED_WORKER) as { wasmWorkerContents: string }
  const listeners = EVENTS.map(event => process.listeners(event as 'uncaughtException'))
  const { Worker: original } = workers
  const { cpus } = os

  class WasmWorker extends original {
    constructor() {
      // The source stands in a template literal, which took the backslash from the one "\n" in it.
      super(wasmWorkerContents.replaceAll('\n', '\\n'), { eval: true })
    }
    override postMessage(message: unknown, transfer?: Parameters<Worker['postMessage']>[1]): void {
      const isLoad = (message as { cmd?: unknown }).cmd === 'load'
      super.postMessage(isLoad ? { ...(message as object), urlOrBlob: mainScript } : message, transfer)
    }
    /** A waiting thread is no reason for the process to live on. */
    override ref(): void {}
  }
  // The package keeps its own reference to the class, for pools it grows later.
  workers.Worker = WasmWorker as unknown as typeof Worker
  os.cpus = () => new Array<CpuInfo>(2 * threads).fill(cpus()[0] as CpuInfo)
  try {
    return await start()
  } finally {
    workers.Worker = original
    os.cpus = cpus
    EVENTS.forEach((event, at) => {
      for (const listener of process.listeners(event as 'uncaughtException'))
        if (!listeners[at]?.includes(listener)) process.removeListener(event, listener)
    })
  }
}
