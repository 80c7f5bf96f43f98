import { Worker } from 'node:worker_threads'
import { instantiate, type KernelFunction } from './module.ts'
import type { Memory, Module } from './web-assembly.ts'

/** Runs `kernel` for the chunks 0 … chunks − 1, in no particular order, on all threads; returns when all are done. */
export type RunChunks = (kernel: string, arguments_: number, chunks: number) => void

/** Places in the control block that all threads share. */
const [CALL, OPEN, ACTIVE, NEXT, CHUNKS, KERNEL, ARGUMENTS, LENGTH] = [0, 1, 2, 3, 4, 5, 6, 7] as const

/**
 * What a helping thread runs: it sleeps until the count of calls moves, joins the work while it is open, and takes chunk
 * after chunk. It counts itself in before it looks whether the work is open, and the main thread closes the work before
 * it waits for the count to fall to nought; so nobody works on a call that is over.
 */
const HELPER = `
const { workerData: { module, memory, control, stack, stackBytes, names, worker }, parentPort } = require('node:worker_threads')
const { __stack_pointer, ...kernels } = new WebAssembly.Instance(module, { env: { memory } }).exports
__stack_pointer.value = (stack + stackBytes - 16) | 0
const functions = names.map(name => kernels[name])
parentPort.postMessage('ready')
for (let seen = 0; ; ) {
  Atomics.wait(control, ${CALL}, seen)
  seen = Atomics.load(control, ${CALL})
  Atomics.add(control, ${ACTIVE}, 1)
  if (Atomics.load(control, ${OPEN})) {
    const kernel = functions[control[${KERNEL}]]
    const chunks = control[${CHUNKS}], address = control[${ARGUMENTS}]
    for (let chunk; (chunk = Atomics.add(control, ${NEXT}, 1)) < chunks; ) kernel(address, chunk, worker)
  }
  if (Atomics.sub(control, ${ACTIVE}, 1) === 1) Atomics.notify(control, ${ACTIVE})
}`

/** All chunks on this thread. */
export function oneThread(kernels: Record<string, KernelFunction>): RunChunks {
  return (kernel, address, chunks) => {
    const work = kernels[kernel] as KernelFunction
    for (let chunk = 0; chunk < chunks; chunk++) work(address, chunk, 0)
  }
}

/**
 * Chunks shared with helping threads, which keep no process alive. Chunks are taken as threads come free; every chunk
 * computes the same whoever takes it, so results don't depend on the order.
 * @param stacks the address of a stack for each helper.
 * @throws Error where a thread can't be started.
 */
export async function manyThreads(
  module: Module,
  memory: Memory,
  stackHere: number,
  stacks: readonly number[],
  stackBytes: number,
): Promise<RunChunks> {
  const kernels = instantiate(module, memory, stackHere)
  const names = Object.keys(kernels)
  const control = new Int32Array(new SharedArrayBuffer(4 * LENGTH))
  await Promise.all(
    stacks.map(async (stack, at) => {
      const helper = new Worker(HELPER, {
        eval: true,
        workerData: { module, memory, control, stack, stackBytes, names, worker: at + 1 },
      })
      await new Promise<void>((resolve, reject) => {
        helper.once('message', () => resolve())
        helper.once('error', reject)
      })
      helper.unref()
    }),
  )
  return (kernel, address, chunks) => {
    const work = kernels[kernel] as KernelFunction
    if (chunks <= 1) {
      if (chunks === 1) work(address, 0, 0)
      return
    }
    control[KERNEL] = names.indexOf(kernel)
    control[CHUNKS] = chunks
    control[ARGUMENTS] = address
    Atomics.store(control, NEXT, 0)
    Atomics.store(control, OPEN, 1)
    Atomics.add(control, CALL, 1)
    Atomics.notify(control, CALL)
    for (let chunk = Atomics.add(control, NEXT, 1); chunk < chunks; chunk = Atomics.add(control, NEXT, 1))
      work(address, chunk, 0)
    Atomics.store(control, OPEN, 0)
    for (let active = Atomics.load(control, ACTIVE); active !== 0; active = Atomics.load(control, ACTIVE))
      Atomics.wait(control, ACTIVE, active)
  }
}
