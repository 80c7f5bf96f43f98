import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../data/demo/truth.ts'
import type { CycleRecord } from '../../data/records/cycle.ts'
import { renewSplit } from '../../data/splits/keep.ts'
import { openStore } from '../../data/stores/open.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { caseId, LABEL, smallWorkspace } from '../annotator/server/desk-under-test.ts'
import { runCli } from '../cli/run-cli.ts'
import { temporaryFolder } from '../data/stores/sample.ts'
import { times } from '../long.ts'
import { fillWithPhantoms } from '../trainer/phantom-cases.ts'
import { isBuilt, loggedIn, serve } from './served.ts'

const corpus = readCorpusTruth()
  .documents.slice(0, 2)
  .map(({ file }) => join(corpusFolder(), file))

/** Starts a verb; resolves `until` once it said so on stderr. */
function start(args: string[]) {
  const child = spawn(process.execPath, [packagePath('dist', 'cli.js'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  let said = ''
  const until = (words: RegExp) =>
    new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', text => {
        said += text
        if (words.test(said)) resolve()
      })
      void ended.then(() => reject(new Error(`ended before ${words}: ${said}`)))
    })
  return { child, ended, until, said: () => said }
}

describe.skipIf(!isBuilt())('work in another process', () => {
  test('a cycle killed with SIGKILL and run again has the same hashes as one that was never broken', async () => {
    const dir = await temporaryFolder()
    const workspace = await openWorkspace(join(dir, 'whole'), { create: true })
    await fillWithPhantoms(workspace, 12)
    const store = await openStore(workspace)
    await renewSplit(workspace, store.cases.all())
    await store.close()
    cpSync(workspace.dir, join(dir, 'broken'), { recursive: true })
    const args = (name: string) => [
      ...`cycle --backend wasm --samples 50 --epochs ${times(60, 25)} --penalties 30,100 --lambdas 0.3,0.5 --seed 3`.split(
        ' ',
      ),
      '--workspace',
      join(dir, name),
    ]
    const broken = start(args('broken'))
    await broken.until(/choosing settings/)
    broken.child.kill('SIGKILL')
    await broken.ended
    expect(existsSync(join(dir, 'broken', 'cycles', '0001'))).toBe(false)
    expect((await runCli(args('broken'))).status).toBe(0)
    expect((await runCli(args('whole'))).status).toBe(0)
    const files = (name: string) => {
      const { files } = JSON.parse(
        readFileSync(join(dir, name, 'cycles', '0001', 'cycle.json'), 'utf8'),
      ) as CycleRecord
      // The report says when it was made.
      return Object.entries(files).filter(([file]) => !file.startsWith('report.'))
    }
    expect(files('whole').map(([file]) => file)).toContain('checkpoint.safetensors')
    expect(files('broken')).toEqual(files('whole'))
    expect(readdirSync(join(dir, 'broken', 'cycles'))).toEqual(['0001'])
  }, 180_000)

  test('a second miner is refused with a line that names the first, which goes on undisturbed', async () => {
    const dir = join(await temporaryFolder(), 'workspace')
    const first = start(['mine', '--workspace', dir, ...corpus])
    await first.until(/mining/)
    const { status, err } = await runCli(['mine', '--workspace', dir, corpus[0]!])
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(
        /being written by `lesionloop mine` \(pid \d+\) since .*; wait for it, or stop it/,
      ),
    ])
    expect(err).toContain(`pid ${first.child.pid}`)
    expect((await first.ended)[0]).toBe(0)
  }, 120_000)

  test('mining under a server that saves decisions disturbs neither', async () => {
    const workspace = await smallWorkspace()
    const client = await loggedIn(await serve(workspace.dir))
    const mining = start(['mine', '--workspace', workspace.dir, corpus[0]!])
    let isOver = false
    void mining.ended.then(() => {
      isOver = true
    })
    let base = 0
    while (!isOver || base === 0) expect((await client.act(caseId(1, 'A'), base++, LABEL)).status).toBe(200)
    expect((await mining.ended)[0], mining.said()).toBe(0)
    expect((await client.get(`/api/case?id=${encodeURIComponent(caseId(1, 'A'))}`)).body.case.version).toBe(
      base,
    )
  }, 120_000)
})
