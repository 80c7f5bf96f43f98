import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { BackendLayout } from './install/layout.ts'

/**
 * What libtensorflow 2.18's CUDA part loads by name. The first group it can't do without; cuDNN and TensorFlow load
 * the second when a kernel asks for them.
 */
export const CUDA_LIBRARIES = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcufft.so.11',
  'libcusolver.so.11',
  'libcusparse.so.12',
  'libcudnn.so.9',
  'libcurand.so.10',
  'libnccl.so.2',
  'libnvrtc.so.12',
  'libnvJitLink.so.12',
] as const

/** CUDA 12's own lower bound; releases of one major number run on each other's drivers (CUDA compatibility guide). */
const OLDEST_DRIVER = 12_000
/** The wheel holds kernels for compute capability 6.0 (Pascal) and newer. */
const OLDEST_CAPABILITY = 6

export interface GpuDevice {
  name: string
  /** Compute capability, "9.0". */
  capability: string
  bytes: number
}

/** What cuda-probe found. */
export interface GpuState {
  /** Each CUDA library that can't be loaded, with the loader's reason. */
  missing: { library: string; why: string }[]
  /** The CUDA release the driver speaks (12.4); null where there is no driver. */
  driver: string | null
  devices: GpuDevice[]
  /** What stands between this machine and its GPU; empty where nothing does. */
  obstacles: string[]
}

/**
 * Asks driver and loader, in a process of their own and without TensorFlow, whether a GPU can be used.
 * Without an installed probe only the driver's traces are looked for.
 * @param options.libraries load the CUDA libraries also where there is no driver to run them: 2.6 GB, for a person
 * who asks what is missing
 */
export function probeGpu(
  { probe }: Pick<BackendLayout, 'probe'>,
  options: { libraries?: boolean; environment?: NodeJS.ProcessEnv } = {},
): GpuState {
  const { libraries = false, environment = process.env } = options
  if (!existsSync(probe)) {
    const driver = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'].some(existsSync)
    return { missing: [], driver: null, devices: [], obstacles: driver ? [] : [NO_DRIVER] }
  }
  if (!libraries) {
    const driver = runProbe(probe, [], environment)
    if (driver.obstacles.length > 0) return driver
  }
  return runProbe(probe, CUDA_LIBRARIES, environment)
}

function runProbe(probe: string, libraries: readonly string[], environment: NodeJS.ProcessEnv): GpuState {
  const run = spawnSync(probe, libraries, { encoding: 'utf8', env: environment, timeout: 60_000 })
  if (run.error || run.status !== 0)
    return {
      missing: [],
      driver: null,
      devices: [],
      obstacles: [
        `cuda-probe ended with ${run.signal ?? run.status ?? run.error?.message}: the driver can't be asked`,
      ],
    }
  return readProbe(run.stdout, environment)
}

const NO_DRIVER = 'no NVIDIA driver (libcuda.so.1) was found'

/** The probe's lines (see cuda-probe.cc) as a state, each fault in words. */
export function readProbe(output: string, environment: NodeJS.ProcessEnv = {}): GpuState {
  const state: GpuState = { missing: [], driver: null, devices: [], obstacles: [] }
  for (const line of output.split('\n')) {
    const [kind, first = '', second = '', third = ''] = line.split('\t')
    if (kind === 'missing') {
      state.missing.push({ library: first, why: second })
      state.obstacles.push(`CUDA library ${first} does not load (${second})`)
    } else if (kind === 'nodriver') state.obstacles.push(withReason(NO_DRIVER, first))
    else if (kind === 'driver') {
      const speaks = Number(first)
      state.driver = `${Math.floor(speaks / 1000)}.${Math.floor((speaks % 1000) / 10)}`
      if (speaks < OLDEST_DRIVER)
        state.obstacles.push(
          `the NVIDIA driver is too old: it speaks CUDA ${state.driver}, 12.0 was expected (driver 525 or newer)`,
        )
    } else if (kind === 'error') state.obstacles.push(driverError(Number(first), second, environment))
    else if (kind === 'device') state.devices.push({ name: third, capability: first, bytes: Number(second) })
  }
  const refused = state.obstacles.length > 0
  if (!refused && state.devices.length === 0) state.obstacles.push(driverError(100, '', environment))
  const tooOld = state.devices.filter(({ capability }) => Number(capability) < OLDEST_CAPABILITY)
  if (tooOld.length > 0 && tooOld.length === state.devices.length)
    for (const { name, capability } of tooOld)
      state.obstacles.push(
        `${name} has compute capability ${capability}, ${OLDEST_CAPABILITY}.0 (Pascal) or newer was expected`,
      )
  return state
}

/** The loader's plain "not found" says nothing more than we do; anything else may be the reason. */
function withReason(what: string, why: string): string {
  return /cannot open shared object file: No such file/.test(why) ? what : `${what}: ${why}`
}

/** The driver's refusals that people meet (CUDA driver API, CUresult), with what they mean. */
function driverError(number: number, name: string, environment: NodeJS.ProcessEnv): string {
  const visible = environment['CUDA_VISIBLE_DEVICES']
  const label = name ? ` (${name})` : ''
  switch (number) {
    case 100:
      return visible !== undefined
        ? `the driver shows no GPU${label}: CUDA_VISIBLE_DEVICES is "${visible}"`
        : `the driver shows no GPU${label}; in a container start it with the GPU (docker run --gpus all)`
    case 34:
      return `only CUDA's stub library was found as the driver${label}: remove its folder from LD_LIBRARY_PATH`
    case 101:
      return `the GPU's number is wrong${label}: CUDA_VISIBLE_DEVICES is "${visible ?? ''}"`
    case 803:
    case 804:
      return `driver and libcuda.so.1 are of different releases${label}: restart the machine, or update the driver`
    case 802:
      return `the GPU's fabric is not ready${label}: start nvidia-fabricmanager`
    case 304:
    case 999:
      return `the driver does not answer${label}: is its kernel module loaded (nvidia-smi)?`
    default:
      return `the driver refused with error ${number}${label}`
  }
}
