import { existsSync } from 'node:fs'
import type { BackendLayout } from './install/layout.ts'

/** What stands between this machine and its GPU, and what to do about it. */
export interface GpuObstacle {
  why: string
  todo: string
}

export function gpuObstacle(_layout: BackendLayout): GpuObstacle | null {
  if (!existsSync('/proc/driver/nvidia/version') && !existsSync('/dev/nvidia0'))
    return { why: 'no NVIDIA driver on this machine', todo: 'install the driver' }
  return null
}
