import { createRequire } from 'node:module'
import { LesionloopError } from '../../../data/errors.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { complaint, runProgram } from './external-program.ts'

/**
 * Lets an addon compute a convolution in a process of its own; answers TensorFlow's version.
 * @param addon the addon's folder, or the main file of the npm package as npm installed it
 * @throws LesionloopError `backend-failed`.
 */
export async function testAddon(addon: string, signal?: AbortSignal): Promise<string> {
  const core = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core')
  const outcome = await runProgram(
    process.execPath,
    [packagePath('trainer', 'backend', 'install', 'self-test.mjs'), addon, core],
    {
      // On the CPU, also the GPU's: a card that is busy or a broken driver is no fault of the installation.
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', CUDA_VISIBLE_DEVICES: '-1' },
      ...(signal ? { signal } : {}),
    },
  )
  if (outcome.status !== 0)
    throw new LesionloopError(
      'backend-failed',
      `backend: ${addon}: it does not compute (${outcome.signal ? `ended by ${outcome.signal}` : complaint(outcome)}); the wasm backend runs here without it`,
      { addon, signal: outcome.signal, stderr: outcome.stderr.slice(0, 4000) },
    )
  const line = outcome.stdout.trim().split('\n').at(-1) ?? ''
  return (JSON.parse(line) as { tensorflow: string }).tensorflow
}
