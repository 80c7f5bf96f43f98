import { existsSync } from 'node:fs'
import { readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackendLayout } from './layout.ts'
import type { WheelName } from './libraries.ts'

/**
 * The packages an extra of a wheel adds, from its METADATA: `Requires-Dist: nvidia-cudnn-cu12 ==9.3.0.75 ; extra ==
 * 'and-cuda'`. Only exact versions are taken: what the wheel was built for.
 */
export function packagesOfExtra(metadata: string, extra: string): WheelName[] {
  const packages: WheelName[] = []
  for (const line of metadata.split(/\r?\n/)) {
    // The header ends at the first empty line; what follows is the description.
    if (line === '') break
    const parts = /^Requires-Dist:\s*([\w.-]+)\s*\(?==\s*([\w.]+)\)?\s*;\s*(.*)$/.exec(line)
    if (parts && new RegExp(`extra\\s*==\\s*['"]${extra}['"]`).test(parts[3]!))
      packages.push({ project: parts[1]!.toLowerCase(), version: parts[2]!, sha256: null })
  }
  return packages
}

/** Of a CUDA wheel: the libraries, and the compiler's parts that TensorFlow runs; no headers. */
export function isCudaMember(member: string): boolean {
  return (
    /^nvidia\/[^/]+\/lib\/[^/]+\.so(\.[\w.]+)?$/.test(member) ||
    /^nvidia\/cuda_nvcc\/(bin|nvvm\/(lib64|libdevice))\//.test(member)
  )
}

/** Parts whose folders libtensorflow's RUNPATH names; it finds them where pip would have put them. */
export const ON_RUNPATH = ['cublas', 'cuda_cupti', 'cuda_runtime', 'cudnn', 'cufft', 'cusolver', 'cusparse']

/**
 * What no RUNPATH names is linked into libtensorflow's own folder, where `$ORIGIN` leads (curand, nccl, nvrtc,
 * nvjitlink); cuDNN looks for nvrtc in a folder of that name, which the wheels call cuda_nvrtc.
 */
export async function linkCudaLibraries({ nvidia, tensorflow }: BackendLayout): Promise<void> {
  for (const part of await readdir(nvidia)) {
    const libraries = join(nvidia, part, 'lib')
    if (ON_RUNPATH.includes(part) || part === 'nvrtc' || !existsSync(libraries)) continue
    for (const file of await readdir(libraries)) {
      await rm(join(tensorflow, file), { force: true })
      await symlink(join('..', 'nvidia', part, 'lib', file), join(tensorflow, file))
    }
  }
  if (existsSync(join(nvidia, 'cuda_nvrtc'))) {
    await rm(join(nvidia, 'nvrtc'), { force: true })
    await symlink('cuda_nvrtc', join(nvidia, 'nvrtc'))
  }
}
