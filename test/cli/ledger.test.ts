import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Comparison } from '../../data/records/comparison.ts'
import type { QueueEntry } from '../../data/records/cycle.ts'
import { renewSplit } from '../../data/splits/keep.ts'
import { openStore } from '../../data/stores/open.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { fillWithPhantoms } from '../trainer/phantom-cases.ts'
import { runCli } from './run-cli.ts'

const QUICK = '--backend wasm --samples 50 --epochs 20 --penalties 30 --lambdas 0.3'.split(' ')

let dir: string
let workspace: Workspace
const run = (...args: string[]) => runCli([...args, '--workspace', workspace.dir])

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-cli-ledger-'))
  workspace = await openWorkspace(join(dir, 'workspace'), { create: true })
  await fillWithPhantoms(workspace, 12)
  const store = await openStore(workspace)
  await renewSplit(workspace, store.cases.all())
  await store.close()
}, 60_000)
afterAll(() => nodeFiles.remove(dir))

const queue = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as QueueEntry)

describe('before any cycle', () => {
  it('rank goes by what the texts say, in words', async () => {
    const out = join(dir, 'cold.jsonl')
    const { status, out: said } = await run('rank', '--out', out)
    expect(status).toBe(0)
    expect(said).toMatch(/cases in order/)
    const asked = queue(out).filter(one => !one.audit)
    expect(asked[0]!.why).toMatch(/: the text states it, and no expert has read a positive yet$/)
  })

  it('rank by chance is there, and a strategy that compares features says what is missing', async () => {
    expect((await run('rank', '--strategy', 'random', '--out', join(dir, 'random.jsonl'))).status).toBe(0)
    const { status, err } = await run('rank', '--strategy', 'core-set', '--out', join(dir, 'none.jsonl'))
    expect(status).toBe(1)
    expect(err).toMatch(/strategy: core-set: it compares features, .* run a cycle, or rank with/)
  })

  it('cycles says that there is none, and promote and rollback what to do', async () => {
    expect((await run('cycles')).out).toBe('no cycle yet; run `lesionloop cycle`\n')
    expect((await run('promote')).err).toMatch(/no cycle yet: one to promote was expected/)
    expect((await run('rollback')).err).toMatch(/no cycle was promoted yet/)
  })
})

describe('a cycle killed with SIGKILL', () => {
  it('leaves no numbered folder, and the next run seals the first', async () => {
    const child = spawn(
      process.execPath,
      [packagePath('dist', 'cli.js'), 'cycle', '--workspace', workspace.dir, ...QUICK, '--epochs', '5000'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    child.stderr.setEncoding('utf8')
    for await (const text of child.stderr) if (String(text).includes('choosing settings')) break
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const cycles = workspace.paths.cycles
    expect(existsSync(cycles) ? readdirSync(cycles).filter(name => /^\d+$/.test(name)) : []).toEqual([])
    const { status, out, err } = await run('cycle', ...QUICK)
    expect(status, err).toBe(0)
    expect(out).toMatch(/cycle 0001 is sealed/)
    expect(out).toMatch(/stop signal: GGO: /)
    expect(readdirSync(cycles)).toEqual(['0001'])
  }, 120_000)
})

describe('the ledger by its verbs', () => {
  it('promotes the first, compares it with the second, and lists both', async () => {
    expect((await run('promote')).out).toMatch(/cycle 0001 speaks for the model: nothing to compare with/)
    expect((await run('cycle', ...QUICK)).status).toBe(0)
    const out = join(dir, 'compared')
    const compared = await run('compare', '1', '2', '--samples', '100', '--out', out)
    expect(compared.status).toBe(0)
    expect(compared.out).toMatch(/out of fold: \d+ cases that both scored/)
    expect(compared.out).toMatch(/gate discrimination: /)
    expect(existsSync(join(out, 'comparison.html'))).toBe(true)
    const listed = await run('cycles')
    expect(listed.out).toMatch(/^\* 0001 .*\n {2}0002 /)
    expect(listed.out).toMatch(/speaks for the model since .*nothing to compare with/)
  }, 120_000)

  it('gives the comparison as JSON', async () => {
    const { out } = await run('compare', '1', '2', '--samples', '50', '--json')
    const { before, after, promotable } = JSON.parse(out) as Comparison
    expect([before.id, after.id, promotable]).toEqual(['0001', '0002', true])
  })

  it('promotes the second by its gates and rolls it back', async () => {
    const promoted = await run('promote', '2')
    expect(promoted.status).toBe(0)
    expect(promoted.out).toMatch(/cycle 0002 speaks for the model in place of 0001: \d+ gates passed/)
    expect((await run('rollback', '--why', 'trial')).out).toMatch(/cycle 0001 speaks for the model again/)
    const { history } = JSON.parse(await readFile(workspace.paths.promoted, 'utf8'))
    expect(history.map((step: { cycle: string; how: string }) => `${step.how} ${step.cycle}`)).toEqual([
      'promote 0001',
      'promote 0002',
      'rollback 0001',
    ])
  }, 60_000)

  it('starts a cycle from the promoted one', async () => {
    const { status } = await run('cycle', ...QUICK, '--from', 'promoted')
    expect(status).toBe(0)
    const config = JSON.parse(await readFile(join(workspace.paths.cycle('0003'), 'config.json'), 'utf8'))
    expect(config).toMatchObject({ from: 'promoted', startedFrom: '0001' })
  }, 60_000)

  it('names the file of a cycle that was edited by hand, with status 1', async () => {
    const path = join(workspace.paths.cycle('0002'), 'predictions.jsonl')
    const kept = await readFile(path)
    await appendFile(path, '\n')
    const { status, out } = await run('cycles')
    expect(status).toBe(1)
    expect(out).toMatch(/not as it was sealed: predictions\.jsonl: changed since; put it back from a copy/)
    expect((await run('promote', '2', '--force', '--why', 'all the same')).status).toBe(1)
    await writeFile(path, kept)
  })

  it('refuses --force without a reason, as wrong usage', async () => {
    const { status, err } = await run('promote', '2', '--force')
    expect(status).toBe(2)
    expect(err).toMatch(/--force: a reason was expected/)
  })
})
