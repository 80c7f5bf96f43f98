import { copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackendLayout } from './layout.ts'
import { TFJS_VERSION } from './libraries.ts'

/** Of TensorFlow's wheel: the two libraries, and the headers of its C interface with what those include. */
export function memberTarget(member: string, { tensorflow }: BackendLayout, include: string): string | null {
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/.exec(member)
  if (library) return join(tensorflow, library[1]!)
  const header =
    /^tensorflow\/include\/((?:tensorflow\/(?:c|core\/platform|tsl)|tsl|xla\/tsl|external\/local_(?:tsl|xla\/xla\/tsl))\/.+\.h)$/.exec(
      member,
    )
  return header ? join(include, header[1]!) : null
}

/**
 * The addon's JavaScript. Its `@tensorflow/tfjs` and `-core` are one-line packages that hand out the core of the
 * process that loads them, so that there is one engine, one class of tensors, and no 100 MB of doubles. The messages
 * of TensorBoard's histograms (Google's protobuf) are left out: nothing here calls for them.
 */
export async function layAddon(source: string, { addon, folder }: BackendLayout): Promise<void> {
  await rm(addon, { recursive: true, force: true })
  await mkdir(addon, { recursive: true })
  await copyFile(join(source, 'package.json'), join(addon, 'package.json'))
  await cp(join(source, 'dist'), join(addon, 'dist'), {
    recursive: true,
    filter: path => !/\.d\.ts$|_test\.js$|\.map$/.test(path),
  })
  await mkdir(join(addon, 'dist', 'proto'), { recursive: true })
  await writeFile(
    join(addon, 'dist', 'proto', 'api_pb.js'),
    '// Put here by lesionloop in the place of the protocol buffers of TensorBoard histograms.\nmodule.exports = {}\n',
  )
  for (const name of ['tfjs', 'tfjs-core']) {
    const shim = join(folder, 'node_modules', '@tensorflow', name)
    await mkdir(shim, { recursive: true })
    await writeFile(
      join(shim, 'package.json'),
      `${JSON.stringify({ name: `@tensorflow/${name}`, version: TFJS_VERSION, main: 'index.js' })}\n`,
    )
    await writeFile(
      join(shim, 'index.js'),
      "module.exports = globalThis[Symbol.for('lesionloop.tfjs-core')]\n",
    )
  }
}
