import { registerActivations } from './activation.ts'
import { registerBatchNorm } from './batch-norm.ts'
import { registerMaxPool } from './max-pool.ts'

let registered = false

/** Puts the kernels of this folder beside those of the addons. Calling it again does nothing. */
export function registerNativeKernels(): void {
  if (registered) return
  registered = true
  registerActivations()
  registerBatchNorm()
  registerMaxPool()
}
