import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { runCli } from '../cli/run-cli.ts'
import { hasRealData, realData } from '../real-data.ts'

const WEIGHTS = ['weights', 'tf_efficientnet_lite0.safetensors']

/** A network of real size on the demo corpus, at few pixels, so that an epoch takes seconds. */
describe.skipIf(!hasRealData(...WEIGHTS))('fine-tuning killed in mid-run', () => {
  let dir: string
  let workspace: string
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'lesionloop-fine-tuning-'))
    workspace = join(dir, 'workspace')
    const mined = await runCli(['mine', packagePath('data', 'demo', 'corpus'), '--workspace', workspace])
    expect(mined.status, mined.err).toBe(0)
  }, 120_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const command = (out: string) => [
    ...['train', '--workspace', workspace, '--out', join(dir, out), '--fit', 'finetune'],
    ...['--backbone', 'efficientnet-lite0', '--init', join(realData, ...WEIGHTS)],
    ...[
      '--epochs',
      '3',
      '--train-size',
      '64',
      '--test-size',
      '64',
      '--samples',
      '0',
      '--tta',
      'none',
      '--json',
    ],
  ]
  const checkpoint = (out: string) => readFileSync(join(dir, out, 'checkpoint.safetensors'))

  test('by SIGKILL goes on from its last whole epoch to the very same checkpoint', async () => {
    const straight = await runCli(command('straight'))
    expect(straight.status, straight.err).toBe(0)

    const state = join(dir, 'killed', 'run', 'state.safetensors')
    const child = spawn(process.execPath, [packagePath('dist', 'cli.js'), ...command('killed')], {
      stdio: 'ignore',
    })
    while (!existsSync(state) && child.exitCode === null) await wait(20)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
    expect(existsSync(join(dir, 'killed', 'checkpoint.safetensors'))).toBe(false)

    const resumed = await runCli(command('killed'))
    expect(resumed.status, resumed.err).toBe(0)
    expect(checkpoint('killed').equals(checkpoint('straight'))).toBe(true)
    const left = readdirSync(join(dir, 'killed'), { recursive: true }) as string[]
    expect(left.filter(name => /\.tmp\b|\.half\b/.test(name))).toEqual([])
  }, 300_000)
})
