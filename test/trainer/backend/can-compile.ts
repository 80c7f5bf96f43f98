import { spawnSync } from 'node:child_process'

/**
 * Whether this machine can build what an installation is made of: Linux on x64 with g++. Where it can't, one line says
 * so and those tests are left out; in CI they fail instead.
 */
export const canCompile =
  process.env['CI'] === 'true' ||
  (process.platform === 'linux' && process.arch === 'x64' && spawnSync('g++', ['--version']).status === 0)
if (!canCompile) console.log('installation of backends: not tried, it wants Linux on x64 with g++')
