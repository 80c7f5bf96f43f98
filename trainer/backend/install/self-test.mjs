/**
 * Loads an addon in a process of its own and lets it compute: `node self-test.mjs ADDON CORE`, ADDON being the folder
 * of an installed addon (or the main file of the npm package), CORE the file of @tensorflow/tfjs-core. A library that
 * is not for this machine may end the process by a signal; then only this one ends. Prints the version as JSON.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [addon, core] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const tf = require(core)
let binding
if (addon.endsWith('.js')) require(addon)
else {
  globalThis[Symbol.for('lesionloop.tfjs-core')] = tf
  const here = createRequire(join(addon, 'package.json'))
  binding = here('./lib/napi-v8/tfjs_binding.node')
  here('./dist/register_all_kernels.js')
  const { NodeJSKernelBackend } = here('./dist/nodejs_kernel_backend.js')
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, here('./package.json').name))
}
if (!(await tf.setBackend('tensorflow'))) throw new Error('the backend did not start')
const image = tf.ones([1, 6, 6, 2])
const [sum] = tf.sum(tf.conv2d(image, tf.ones([3, 3, 2, 4]), 1, 'valid')).dataSync()
// 4 × 4 places, 4 kernels, each over 3 × 3 × 2 ones.
if (sum !== 16 * 4 * 18) throw new Error(`a convolution of ones gave ${sum}, ${16 * 4 * 18} was expected`)
console.log(JSON.stringify({ tensorflow: tf.backend().binding.TF_Version }))
