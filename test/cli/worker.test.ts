import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { grouped } from '../../cli/mine-work.ts'
import { openStore } from '../../data/stores/open.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { newWorkspace, temporaryFolder } from '../data/stores/sample.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../postgres/server-of-tests.ts'
import { runCli } from './run-cli.ts'

const CORPUS = packagePath('data', 'demo', 'corpus')

/** A few papers of the demo corpus, and a file that is none. */
async function somePapers(count: number): Promise<string> {
  const folder = join(await temporaryFolder(), 'papers')
  await mkdir(folder)
  const papers = (await readdir(CORPUS)).filter(name => name.endsWith('.pdf')).sort()
  for (const name of papers.slice(0, count)) await copyFile(join(CORPUS, name), join(folder, name))
  await writeFile(join(folder, 'broken.pdf'), 'no PDF at all')
  return folder
}

describe.skipIf(!hasPostgres())('lesionloop worker', () => {
  let postgres: PostgresOfTests
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.close())

  async function worker(dir: string, address: string): Promise<{ child: ChildProcess; lines: string[] }> {
    const child = spawn(
      process.execPath,
      [packagePath('dist', 'cli.js'), 'worker', '--workspace', dir, '--kinds', 'mine', '--workers', '1'],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LESIONLOOP_DATABASE: address } },
    )
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    })
    const lines: string[] = []
    const reader = createInterface(child.stderr!)
    reader.on('line', line => lines.push(line))
    await once(reader, 'line')
    return { child, lines }
  }

  async function cases(dir: string, address: string): Promise<string[]> {
    const store = await openStore(await openWorkspace(dir), address ? { database: address } : {})
    const all: string[] = []
    try {
      for await (const { id, mined } of store.cases.all()) all.push(`${id} ${JSON.stringify(mined.findings)}`)
    } finally {
      await store.close()
    }
    return all.sort()
  }

  test('two mine together what one run mines alone, each document once', async () => {
    const papers = await somePapers(3)
    const alone = await newWorkspace()
    await runCli(['mine', papers, '--workspace', alone.dir])
    const { dir, paths } = await newWorkspace()
    const address = await postgres.newDatabase()
    const workers = await Promise.all([worker(dir, address), worker(dir, address)])
    const env = { LESIONLOOP_DATABASE: address }
    const mined = await runCli(['mine', papers, '--queue', '--workspace', dir, '--json'], { env })
    expect(JSON.parse(mined.out)).toMatchObject({ mined: 3, rejected: [{ file: 'broken.pdf' }] })
    expect(mined.status).toBe(1)
    expect(await cases(dir, address)).toEqual(await cases(alone.dir, ''))
    const screening = (await readFile(paths.screening, 'utf8')).trimEnd().split('\n')
    expect(screening).toHaveLength(4)
    for (const { lines } of workers)
      expect(lines.filter(line => line.endsWith('.pdf')).length).toBeGreaterThan(0)

    const who = await runCli(['jobs', 'workers', '--workspace', dir, '--json'], { env })
    expect(JSON.parse(who.out)).toMatchObject([{ kinds: ['mine'] }, { kinds: ['mine'] }])
    const again = await runCli(['mine', papers, '--queue', '--workspace', dir, '--json'], { env })
    expect(JSON.parse(again.out)).toMatchObject({ mined: 0, unchanged: 3 })
  }, 180_000)

  test('goes when it is asked to, and the job waits for the next', async () => {
    const papers = await somePapers(1)
    const { dir } = await newWorkspace()
    const address = await postgres.newDatabase()
    const env = { LESIONLOOP_DATABASE: address }
    const put = await runCli(['mine', papers, '--queue', '--detach', '--workspace', dir, '--json'], { env })
    const { job } = JSON.parse(put.out) as { job: string }
    const shown = await runCli(['jobs', 'list', '--workspace', dir], { env })
    expect(shown.out).toMatch(new RegExp(`${job} +waiting +mine `))
    const { child } = await worker(dir, address)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    const cancelled = await runCli(['jobs', 'cancel', job, '--workspace', dir, '--json'], { env })
    expect(['cancelled', 'done']).toContain(JSON.parse(cancelled.out).state)
  })
})

test('without a database there is nothing for workers to take', async () => {
  const { dir } = await newWorkspace()
  for (const args of [['worker'], ['mine', CORPUS, '--queue'], ['jobs', 'workers']]) {
    const { status, err } = await runCli([...args, '--workspace', dir])
    expect([status, err]).toEqual([1, expect.stringMatching(/no database|without a database/)])
  }
  expect((await runCli(['worker', '--kinds', 'mine,dance', '--workspace', dir])).status).toBe(2)
})

test('a job of a folder is listed, shown, and taken up again by hand', async () => {
  const { dir, paths } = await newWorkspace()
  const id = '20260101-000000-export-0000'
  await mkdir(join(paths.jobs, id), { recursive: true })
  const job = {
    id,
    kind: 'export',
    args: ['export', 'jsonl', join(dir, 'out'), '--all'],
    by: 'ann',
    state: 'interrupted',
    startedAt: '2026-01-01T00:00:00.000Z',
    problems: [],
    points: [],
  }
  await writeFile(paths.jobFile(id), JSON.stringify(job))
  expect((await runCli(['jobs', 'list', '--workspace', dir])).out).toContain(`${id}  interrupted`)
  const resumed = await runCli(['jobs', 'resume', id, '--workspace', dir])
  expect(resumed.err).toMatch(/no such option|0 cases|no cases/)
  const shown = JSON.parse((await runCli(['jobs', 'show', id, '--workspace', dir, '--json'])).out)
  expect(shown.state).toBe('failed')
})

test('papers stay together with what is named after them', () => {
  const unit = (path: string) => ({ path, kind: 'pdf' as const })
  const groups = grouped(
    ['b/paper-2.pdf', 'b/paper.pdf', 'a/paper-supplement.pdf', 'a/12.pdf', 'a/1.pdf'].map(unit),
  )
  expect(groups.map(({ units }) => units.map(({ path }) => path))).toEqual([
    ['a/1.pdf'],
    ['a/12.pdf'],
    ['b/paper.pdf', 'b/paper-2.pdf'],
    ['a/paper-supplement.pdf'],
  ])
})
