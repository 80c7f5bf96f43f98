import { readFileSync } from 'node:fs'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { Instance, type Memory, Module } from './web-assembly.ts'

/** The parts of TensorFlow.js' own WebAssembly that our kernels live beside. */
export interface HostModule {
  _malloc(bytes: number): number
  _free(address: number): void
  /** Of the threaded build; the other keeps its memory among its exports. */
  wasmMemory?: Memory
  asm?: { memory?: Memory }
}

/** A kernel: a struct's address, which share of the work, and which thread does it. */
export type KernelFunction = (arguments_: number, chunk: number, worker: number) => void

export const STACK_BYTES = 1 << 16

/** The memory in which the tensors are; undefined where this build of TensorFlow.js hides it. */
export const memoryOf = (host: HostModule): Memory | undefined => host.wasmMemory ?? host.asm?.memory

/** Our kernels, compiled for a memory that several threads share, or for one thread's own. */
export const compiled = (shared: boolean): Module =>
  new Module(
    readFileSync(
      packagePath('trainer', 'backend', 'wasm-kernels', shared ? 'kernels-shared.wasm' : 'kernels.wasm'),
    ),
  )

/**
 * The kernels over a memory. The module has no memory of its own: its stack, too, stands where the host made room.
 * @param stack address of `STACK_BYTES` bytes for this thread alone.
 */
export function instantiate(module: Module, memory: Memory, stack: number): Record<string, KernelFunction> {
  const { __stack_pointer: pointer, ...kernels } = new Instance(module, { env: { memory } })
    .exports as Record<string, unknown>
  ;(pointer as { value: number }).value = (stack + STACK_BYTES - 16) | 0
  return kernels as Record<string, KernelFunction>
}
