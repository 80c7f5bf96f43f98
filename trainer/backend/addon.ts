import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { type GpuState, probeGpu } from './cuda.ts'
import { type BackendLayout, backendLayout, readInstallation } from './install/layout.ts'
import { type AddonBackend, LIBRARIES } from './install/libraries.ts'
import { resolveAddon } from './install/resolve-addon.ts'

/** What the addon's backend tells of itself. */
interface AddonBackendObject {
  isGPUPackage: boolean
  isUsingGpuDevice: boolean
  binding: AddonBinding
}

interface AddonBinding {
  TF_Version: string
}

/** The name the addon's backend has in TensorFlow.js. */
const TENSORFLOW = 'tensorflow'

/** Which addon this process has loaded: a process holds one libtensorflow, and keeps it. */
let loaded: AddonBackend | null = null

/**
 * Starts the backend of an addon and answers in words what it runs on. An ordinary install of the npm package is taken
 * where it loads; else what `lesionloop backend install` put into the user's cache.
 * @throws LesionloopError `backend-missing`, with `details.why` for the line of reasons.
 */
export async function startAddon(name: AddonBackend): Promise<string> {
  const layout = backendLayout(name)
  const gpu = name === 'gpu' ? probeGpu(layout) : null
  if (gpu && gpu.obstacles.length > 0) {
    const lacking = [...gpu.obstacles, absence(name, layout)].filter(why => why !== null)
    throw missing(name, lacking.join('; '), 'see docs/backends.md, or use --backend auto')
  }
  if (loaded !== null && loaded !== name && (name === 'gpu' || isOnGpu()))
    throw missing(name, `this process has loaded the addon of ${loaded} already`, 'start a new process')
  if (loaded === null) {
    prepareEnvironment()
    await loadAddon(name, layout)
    loaded = name
  }
  if (!(await tf.setBackend(TENSORFLOW))) throw missing(name, `${LIBRARIES[name].addon} started no backend`)
  await tf.ready()
  if (name === 'gpu' && !isOnGpu())
    throw missing(
      name,
      'TensorFlow found no GPU it can use',
      'run it again with TF_CPP_MIN_LOG_LEVEL=0 for its own words, and see docs/backends.md',
    )
  const { TF_Version: version } = addonBackend().binding
  if (gpu) return `gpu: TensorFlow ${version} on ${deviceWords(gpu)}`
  const cores = threads()
  return `native: TensorFlow ${version} on the CPU, ${cores} ${cores === 1 ? 'thread' : 'threads'}`
}

/** "NVIDIA H100 (85 GB, compute capability 9.0, driver for CUDA 12.4)": the first, which TensorFlow takes. */
function deviceWords({ devices, driver }: GpuState): string {
  const device = devices[0]
  if (!device) return 'a GPU'
  const { name, bytes, capability } = device
  return `${name} (${Math.round(bytes / 1e9)} GB, compute capability ${capability}, driver for CUDA ${driver})`
}

/** Why nothing of ours can be loaded; null where it can, or npm has the addon. */
function absence(name: AddonBackend, layout: BackendLayout): string | null {
  return resolveAddon(name) === null ? fault(name, layout) : null
}

/** What is wrong with the installation in the cache; null where it is sound. */
function fault(name: AddonBackend, layout: BackendLayout): string | null {
  const { addon } = LIBRARIES[name]
  const installation = readInstallation(layout)
  if (installation === null) return `${addon} is not installed`
  return typeof installation === 'string' ? `the installed ${addon} is damaged: ${installation}` : null
}

const addonBackend = () => tf.findBackend(TENSORFLOW) as unknown as AddonBackendObject
const isOnGpu = () => addonBackend().isGPUPackage && addonBackend().isUsingGpuDevice

/**
 * libtensorflow reads these when it is loaded. Its lines of information are kept back, its errors are not; what the
 * user has set stands. Threads: as many as this process may use, also in a container that shows it more. Memory of the
 * GPU: as it is needed, since the server's trainer process and a cycle share one card.
 */
function prepareEnvironment(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
  // oneDNN's preparations for a convolution's gradient are kept, not made anew at every step, and the thread that asks
  // for a result computes a share of it; operations never run side by side. See docs/trainer-speed.md.
  process.env['TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE'] ??= '0'
  process.env['TF_ONEDNN_THREADPOOL_USE_CALLER_THREAD'] ??= 'true'
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1'
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(availableParallelism())
}

const threads = () => Number(process.env['TF_NUM_INTRAOP_THREADS']) || availableParallelism()

async function loadAddon(name: AddonBackend, layout: BackendLayout): Promise<void> {
  const { addon } = LIBRARIES[name]
  const faults: string[] = []
  if (resolveAddon(name) !== null) {
    try {
      await import(addon)
      return
    } catch (error) {
      faults.push(`${addon} in node_modules does not load (${messageOf(error)})`)
    }
  }
  const damage = fault(name, layout)
  if (damage !== null) faults.push(damage)
  else {
    try {
      loadInstalled(layout.addon, addon)
      return
    } catch (error) {
      faults.push(`the installed ${addon} does not load (${messageOf(error)})`)
    }
  }
  throw missing(name, faults.join('; '))
}

/**
 * The parts of the addon that compute: binding, kernels, backend. Its front door is passed by, since that wants the
 * whole union of TensorFlow.js with its layers, converter and browser backends. What its files ask of
 * `@tensorflow/tfjs` is handed to them from our own core, so that there is one engine and one class of tensors.
 */
function loadInstalled(folder: string, addon: string): void {
  ;(globalThis as Record<symbol, unknown>)[Symbol.for('lesionloop.tfjs-core')] = tf
  giveChainedMethods()
  const require = createRequire(join(folder, 'package.json'))
  const binding = require('./lib/napi-v8/tfjs_binding.node') as AddonBinding
  require('./dist/register_all_kernels.js')
  const { NodeJSKernelBackend } = require('./dist/nodejs_kernel_backend.js') as {
    NodeJSKernelBackend: new (binding: AddonBinding, addon: string) => tf.KernelBackend
  }
  tf.registerBackend(TENSORFLOW, () => new NodeJSKernelBackend(binding, addon), 3)
}

/** Kernels of the addon that call methods which only the union gives to tensors: Exp, ArgMax, ArgMin, Prelu. */
function giveChainedMethods(): void {
  const given: Record<string, (tensor: tf.Tensor, other: tf.Tensor) => tf.Tensor> = {
    toFloat: tensor => tf.cast(tensor, 'float32'),
    toInt: tensor => tf.cast(tensor, 'int32'),
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
  }
  const methods = tf.Tensor.prototype as unknown as Record<string, unknown>
  for (const [name, operation] of Object.entries(given))
    methods[name] ??= function (this: tf.Tensor, other: tf.Tensor) {
      return operation(this, other)
    }
}

function missing(name: AddonBackend, why: string, todo?: string): LesionloopError {
  return new LesionloopError(
    'backend-missing',
    `backend: ${name}: ${why}; ${todo ?? `run lesionloop backend install ${name}, or use --backend auto`}`,
    { why, addon: LIBRARIES[name].addon },
  )
}
