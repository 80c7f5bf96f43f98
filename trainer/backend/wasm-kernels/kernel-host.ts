import * as tf from '@tensorflow/tfjs-core'
import { compiled, type HostModule, instantiate, memoryOf, STACK_BYTES } from './module.ts'
import { manyThreads, oneThread, type RunChunks } from './threads.ts'

/** What TensorFlow.js' wasm backend offers to a kernel. */
interface WasmBackend {
  wasm: HostModule
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo
  dataIdMap: { get(dataId: object): { memoryOffset: number } }
}

/** Our kernels at work beside those of TensorFlow.js: on its tensors, in its memory. */
export interface KernelHost {
  threads: number
  /** Runs a kernel whose arguments are 32-bit numbers: whole numbers and addresses, or floats made by `float32`. */
  run(kernel: string, arguments_: readonly number[], chunks: number): void
  /** Gives `work` so many bytes that are free again afterwards. */
  scratch<T>(bytes: number, work: (address: number) => T): T
  /** A new tensor's place in memory. */
  output(shape: readonly number[], dtype?: tf.DataType): tf.TensorInfo
  address(tensor: tf.TensorInfo): number
  /** Sets bytes to nought. */
  clear(address: number, bytes: number): void
}

const ARGUMENT_BYTES = 256

/** Starts the kernels on so many threads; undefined where this WebAssembly hides its memory, and ours can't run. */
export async function startKernels(threads: number): Promise<KernelHost | undefined> {
  const backend = tf.backend() as unknown as WasmBackend
  const host = backend.wasm
  const memory = memoryOf(host)
  if (!memory) return
  const shared = memory.buffer instanceof SharedArrayBuffer
  const module = compiled(shared)
  const room = (bytes: number) => host._malloc(bytes) >>> 0
  const stack = room(STACK_BYTES)
  const helpers = shared ? Array.from({ length: threads - 1 }, () => room(STACK_BYTES)) : []
  const run: RunChunks =
    helpers.length > 0
      ? await manyThreads(module, memory, stack, helpers, STACK_BYTES)
      : oneThread(instantiate(module, memory, stack))
  const arguments_ = room(ARGUMENT_BYTES)
  let words = new Int32Array(memory.buffer)
  return {
    threads: helpers.length + 1,
    run(kernel, values, chunks) {
      if (words.buffer !== memory.buffer) words = new Int32Array(memory.buffer)
      for (let at = 0; at < values.length; at++) words[(arguments_ >>> 2) + at] = values[at] as number
      run(kernel, arguments_, chunks)
    },
    scratch(bytes, work) {
      const address = room(bytes)
      try {
        return work(address)
      } finally {
        host._free(address)
      }
    },
    output: (shape, dtype = 'float32') => backend.makeOutput([...shape], dtype),
    address: tensor => backend.dataIdMap.get(tensor.dataId).memoryOffset >>> 0,
    clear: (address, bytes) => {
      new Uint8Array(memory.buffer, address, bytes).fill(0)
    },
  }
}

const bits = new DataView(new ArrayBuffer(4))

/** A float as the whole number of the same bits, to stand among a kernel's arguments. */
export function float32(value: number): number {
  bits.setFloat32(0, value, true)
  return bits.getInt32(0, true)
}
