import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandDef, runCommand } from 'citty'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import exportVerb from '../../cli/export.ts'
import importVerb from '../../cli/import.ts'
import statsVerb from '../../cli/stats.ts'

let dir: string
let workspace: string
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lesionloop-verbs-'))
  workspace = join(dir, 'workspace')
  for (const [at, name] of ['a.png', 'b.png', 'c.png'].entries())
    writeFileSync(
      join(dir, name),
      await sharp({ create: { width: 16, height: 12, channels: 3, background: { r: 40 * at, g: 9, b: 9 } } })
        .png()
        .toBuffer(),
    )
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
  process.exitCode = undefined
  vi.restoreAllMocks()
})

/** Runs a verb as the command line does; what it printed, and its exit status. */
async function run(verb: unknown, rawArgs: string[]) {
  let out = ''
  let said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    said += String(text)
    return true
  })
  // A verb lets go of the process that started it; here that is the test runner, which must not be let go.
  vi.spyOn(process, 'disconnect').mockImplementation(() => undefined)
  process.exitCode = undefined
  await runCommand(verb as CommandDef, { rawArgs })
  const status = process.exitCode
  vi.restoreAllMocks()
  return { out, said, status }
}

const table = (rows: string[]) => {
  writeFileSync(
    join(dir, 'set.csv'),
    ['image,flag,GGO,Csld,CrPa,AirBr,InSepThi,caption,document,side', ...rows].join('\n'),
  )
  return join(dir, 'set.csv')
}

describe('import, stats and export', () => {
  test('a table goes in, is counted, and comes out with what the text says', async () => {
    const path = table([
      'a.png,positive,1,0,0,0,0,Chest CT of a patient with COVID-19 shows ground-glass opacities.,one,train',
      'b.png,positive,0,1,0,0,0,,two,val',
      'c.png,negative,0,0,0,0,0,,three,test',
    ])
    const taken = await run(importVerb, ['csv', path, '--workspace', workspace])
    expect(taken.status).toBe(0)
    expect(taken.out).toContain('3 cases of 3 documents taken in')
    const counted = await run(statsVerb, ['--workspace', workspace, '--json'])
    const counts = JSON.parse(counted.out) as Record<string, Record<string, unknown>>
    expect(counts).toMatchObject({
      cases: 3,
      flag: { positive: 2, negative: 1 },
      mined: { lesions: { GGO: { present: 1 } } },
      sides: { train: { cases: 1 }, val: { cases: 1 }, test: { cases: 1 } },
    })
    const written = await run(exportVerb, ['jsonl', join(dir, 'out.jsonl'), '--workspace', workspace])
    expect(written.status).toBe(0)
    const rows = readFileSync(join(dir, 'out.jsonl'), 'utf8').trim().split('\n')
    expect(rows).toHaveLength(3)
    const first = JSON.parse(rows[0]!) as { evidence: { mentions: { text: string }[] } }
    expect(first.evidence.mentions[0]?.text).toMatch(/ground-glass/)
  })
  test('a bad row ends with status 1 and its line, the rest is taken in', async () => {
    const path = table(['a.png,positive,1,0,0,0,0,,one,', 'gone.png,positive,1,0,0,0,0,,two,'])
    const { status, said, out } = await run(importVerb, ['csv', path, '--workspace', workspace])
    expect(status).toBe(1)
    expect(said).toContain('line 3')
    expect(out).toContain('1 left out')
    expect(existsSync(join(workspace, 'rejected', 'rejected.jsonl'))).toBe(true)
  })
  test('importing twice keeps the same cases', async () => {
    const path = table(['a.png,positive,1,0,0,0,0,,one,train'])
    await run(importVerb, ['csv', path, '--workspace', workspace])
    await run(importVerb, ['csv', path, '--workspace', workspace])
    const { out } = await run(statsVerb, ['--workspace', workspace, '--json'])
    expect((JSON.parse(out) as { cases: number }).cases).toBe(1)
  })
  test('an unknown format is wrong usage, status 2, and makes no workspace', async () => {
    const { status, said } = await run(importVerb, ['excel', 'x', '--workspace', workspace])
    expect(status).toBe(2)
    expect(said).toContain('expected covid-ct, jsonl, csv')
    expect(existsSync(workspace)).toBe(false)
  })
  test('a mistyped path ends with status 1 and makes no workspace', async () => {
    const { status, said } = await run(importVerb, ['csv', join(dir, 'no.csv'), '--workspace', workspace])
    expect(status).toBe(1)
    expect(said).toContain('not found; check the path')
    expect(existsSync(workspace)).toBe(false)
  })
  test('a missing column is one line that names it', async () => {
    writeFileSync(join(dir, 'set.csv'), 'image,flag\na.png,positive\n')
    const { status, said } = await run(importVerb, ['csv', join(dir, 'set.csv'), '--workspace', workspace])
    expect(status).toBe(1)
    expect(said).toContain('column "GGO", "Csld", "CrPa", "AirBr", "InSepThi" missing; found "image", "flag"')
    expect(said).not.toContain('    at ')
  })
  test('stats of no workspace says how to make one', async () => {
    const { status, said } = await run(statsVerb, ['--workspace', workspace])
    expect(status).toBe(1)
    expect(said).toContain('make one with')
  })
})
