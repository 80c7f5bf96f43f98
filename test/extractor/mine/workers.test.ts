import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../../data/demo/truth.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'

// The built command line: only there do workers of their own run.
const cli = packagePath('dist', 'cli.js')
const paths = readCorpusTruth()
  .documents.slice(0, 5)
  .map(({ file }) => join(corpusFolder(), file))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lesionloop-workers-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const start = (verb: string, ...args: string[]) => {
  const child = spawn(process.execPath, [cli, verb, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    err += text
  })
  const ended = new Promise<{ status: number | null; out: string; err: string }>(resolve =>
    child.on('close', status => resolve({ status, out, err })),
  )
  return { child, ended }
}
const mine = (name: string, files: string[], ...options: string[]) =>
  start('mine', '--workspace', join(folder, name), ...options, ...files).ended

/** Every file that mining wrote, by its path in the workspace; the time of mining left out. */
function written(name: string): Record<string, string> {
  const root = join(folder, name)
  const found: Record<string, string> = {}
  for (const part of ['documents', 'images', 'cases', 'splits.json', 'rejected']) {
    const at = join(root, part)
    if (!existsSync(at)) continue
    const files = statSync(at).isDirectory()
      ? readdirSync(at, { recursive: true, withFileTypes: true })
          .filter(entry => entry.isFile())
          .map(entry => join(entry.parentPath, entry.name))
      : [at]
    for (const path of files)
      found[relative(root, path)] = readFileSync(path, 'latin1').replace(/^ *"minedAt": ".*"/m, '')
  }
  return found
}

describe('mining by workers', () => {
  it('writes the same bytes for one worker or two, in whatever order the files are given', async () => {
    const one = await mine('one', paths, '--workers', '1', '--json')
    const two = await mine('two', [...paths].reverse(), '--workers', '2', '--json')
    expect([one.status, two.status]).toEqual([0, 0])
    const files = written('one')
    expect(Object.keys(files).filter(path => path.startsWith('images')).length).toBeGreaterThan(10)
    expect(files['cases/cases.jsonl']).toBeDefined()
    expect(Object.keys(written('two')).sort()).toEqual(Object.keys(files).sort())
    expect(written('two')).toEqual(files)
    // The answer stands in the order of the question.
    expect(JSON.parse(two.out).documents).toEqual([...JSON.parse(one.out).documents].reverse())
  }, 120_000)

  it('goes on after the run was killed outright, and ends with what an unbroken run writes', async () => {
    // What the test before wrote, whatever the workers: here it stands for the unbroken run.
    if (!existsSync(join(folder, 'one'))) await mine('one', paths, '--workers', '2')
    const { child, ended } = start('mine', '--workspace', join(folder, 'broken'), '--workers', '2', ...paths)
    const records = () => {
      const documents = join(folder, 'broken', 'documents')
      if (!existsSync(documents)) return 0
      return readdirSync(documents).filter(name => existsSync(join(documents, name, 'document.json'))).length
    }
    while (records() === 0 && child.exitCode === null) await new Promise(resolve => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    await ended
    const before = records()
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(paths.length)
    const again = await mine('broken', paths, '--workers', '2', '--json')
    expect(again.status).toBe(0)
    expect(JSON.parse(again.out)).toMatchObject({ unchanged: before, mined: paths.length - before })
    const [broken, whole] = [written('broken'), written('one')]
    for (const path of Object.keys(whole).filter(path => /^(documents|images|splits)/.test(path)))
      expect([path, broken[path] === whole[path]]).toEqual([path, true])
    for (const line of whole['cases/cases.jsonl']!.split('\n'))
      expect(broken['cases/cases.jsonl']).toContain(line)
  }, 120_000)

  it('puts a file that takes too long on record and says so', async () => {
    const { status, err } = await mine('late', paths.slice(0, 1), '--time-limit', '0.001')
    expect(status).toBe(1)
    expect(err).toMatch(/pdf: \w+\.pdf: took longer than 0\.001 s; give it more with --time-limit/)
    expect(written('late')['rejected/rejected.jsonl']).toContain('file-time-limit')
  }, 60_000)

  it('refuses limits that are none', async () => {
    const { status, err } = await mine('none', paths.slice(0, 1), '--workers', '1.5')
    expect(status).toBe(2)
    expect(err).toContain('mine: --workers 1.5: expected a whole number above 0')
  }, 60_000)
})

describe('figures of several PDFs', () => {
  it('come out in the order given, with the same words as one by one', async () => {
    const some = [paths[2]!, paths[0]!]
    const together = await start('figures', '--json', '--workers', '2', ...some).ended
    const alone = await Promise.all(some.map(path => start('figures', '--json', path).ended))
    expect(JSON.parse(together.out)).toEqual(alone.flatMap(({ out }) => JSON.parse(out)))
  }, 60_000)
})
