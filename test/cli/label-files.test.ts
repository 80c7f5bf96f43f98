import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'several-texts-'))
  writeFileSync(join(folder, 'b.jsonl'), '{"id":"b1","text":"Consolidation (A)."}\n{broken\n')
  writeFileSync(join(folder, 'a.txt'), 'Ground-glass opacities.\nNo consolidation.\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const label = (workers: string, ...names: string[]) =>
  runCli(['label', '--workers', workers, ...names.map(name => join(folder, name))], {
    env: { TMPDIR: folder },
  })

describe('label with several files', () => {
  it('gives all lines in the order of the files, each with its file, whatever the number of workers', async () => {
    const [one, two] = await Promise.all([label('1', 'b.jsonl', 'a.txt'), label('2', 'b.jsonl', 'a.txt')])
    const rows = one.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { id: string; file: string })
    expect(rows.map(({ id, file }) => `${file} ${id}`)).toEqual(['b.jsonl b1', 'a.txt 1', 'a.txt 2'])
    expect(two.out).toBe(one.out)
  }, 60_000)

  it('reports faulty rows and files, lets the rest through, ends with 1, and leaves nothing behind', async () => {
    const { status, err, out } = await label('2', 'b.jsonl', 'gone.txt', 'a.txt')
    expect(status).toBe(1)
    expect(err).toContain('row: b.jsonl: line 2: not JSON')
    expect(err).toMatch(/gone\.txt: does not exist; check its name/)
    expect(out.trim().split('\n')).toHaveLength(3)
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'b.jsonl'])
  }, 60_000)

  it('refuses standard input among files', async () => {
    const { status, err } = await runCli(['label', '-', join(folder, 'a.txt')])
    expect(status).toBe(2)
    expect(err).toContain('standard input goes alone')
  }, 60_000)
})
