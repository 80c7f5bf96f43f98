import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { LIBRARIES } from '../../trainer/backend/install/libraries.ts'
import { temporaryFolder } from '../data/stores/sample.ts'
import { runCli } from './run-cli.ts'

it('backend list tells what is there, and which backend is taken for which reason', async () => {
  const env = { LESIONLOOP_CACHE: await temporaryFolder() }
  const { status, out } = await runCli(['backend', 'list'], { env })
  expect(out).toMatch(/^gpu {5}absent/m)
  expect(out).toMatch(/^native {2}absent$/m)
  expect(out).toMatch(
    /^taken {3}wasm: .*; not gpu: .*; not native: @tensorflow\/tfjs-node is not installed$/m,
  )
  expect(status).toBe(0)
})

it('backend list --json gives the same to programs', async () => {
  const env = { LESIONLOOP_CACHE: await temporaryFolder() }
  const { out } = await runCli(['backend', 'list', '--json'], { env })
  expect(JSON.parse(out)).toMatchObject({
    backends: [
      { backend: 'gpu', state: 'absent', folder: null },
      { backend: 'native', state: 'absent', folder: null, obstacles: [] },
    ],
    taken: { name: 'wasm' },
  })
})

it('backend install refuses what is no addon, as wrong usage', async () => {
  const { status, err } = await runCli(['backend', 'install', 'wasm'])
  expect(err).toContain('backend: wasm: expected gpu or native; wasm and cpu come with lesionloop')
  expect(status).toBe(2)
})

it('backend remove of what is not there says so, and is no failure', async () => {
  const env = { LESIONLOOP_CACHE: await temporaryFolder() }
  const { status, out } = await runCli(['backend', 'remove', 'native'], { env })
  expect([status, out]).toEqual([0, 'native: was not installed\n'])
})

it('doctor tells how a backend that is absent is put in place, and finds no fault in that', async () => {
  const env = { LESIONLOOP_CACHE: await temporaryFolder() }
  const { out } = await runCli(['doctor', '--workspace', await temporaryFolder()], { env })
  expect(out).toMatch(/^yes {2}native +not installed; lesionloop backend install native puts it in place$/m)
})

it('the CI and the docs fetch the release that is pinned', () => {
  const { project, version } = LIBRARIES.native.wheel
  for (const file of [
    ['.ci', 'run'],
    ['docs', 'backends.md'],
  ])
    expect(readFileSync(packagePath(...file), 'utf8')).toContain(`${project}==${version}`)
})
