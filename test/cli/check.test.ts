import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandDef, runCommand } from 'citty'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import checkVerb from '../../cli/check.ts'
import duplicatesVerb from '../../cli/duplicates.ts'
import importVerb from '../../cli/import.ts'
import splitVerb from '../../cli/split.ts'
import type { CheckReport } from '../../data/records/check.ts'
import { encodePng } from '../../data/workspace/images.ts'
import { slice, VARIANTS } from '../data/duplicates/variants.ts'

let dir: string
let workspace: string

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
  process.exitCode = undefined
  await runCommand(verb as CommandDef, { rawArgs: [...rawArgs, '--workspace', workspace] })
  const status = process.exitCode
  vi.restoreAllMocks()
  return { out, said, status }
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lesionloop-check-'))
  workspace = join(dir, 'workspace')
  const original = slice('verb', 0.5)
  const pictures = {
    'a.png': original,
    'b.png': await VARIANTS['cropped, smaller, JPEG']!(original),
    'c.png': slice('other', 0.5),
  }
  for (const [name, pixels] of Object.entries(pictures))
    writeFileSync(join(dir, name), await encodePng(pixels))
  writeFileSync(
    join(dir, 'set.csv'),
    [
      'image,flag,GGO,Csld,CrPa,AirBr,InSepThi,caption,document,side',
      'a.png,positive,1,0,0,0,0,Patient name: John Harrow. CT with ground-glass opacity.,one,train',
      'b.png,negative,0,0,0,0,0,,two,test',
      'c.png,negative,0,0,0,0,0,,three,train',
    ].join('\n'),
  )
  await run(importVerb, ['csv', join(dir, 'set.csv')])
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
  process.exitCode = undefined
  vi.restoreAllMocks()
})

test('duplicates links a cropped slice, check tells what follows and ends with status 1, split puts both on one side', async () => {
  const linked = JSON.parse((await run(duplicatesVerb, ['--json'])).out) as {
    links: { cases: { id: string; side: string }[] }[]
  }
  expect(linked.links).toHaveLength(1)
  const both = linked.links[0]!.cases
  expect(both.map(({ side }) => side).sort()).toEqual(['test', 'train'])
  const checked = await run(checkVerb, ['--json'])
  expect(checked.status).toBe(1)
  const codes = (JSON.parse(checked.out) as CheckReport).findings.map(({ code }) => code)
  expect(codes).toEqual(expect.arrayContaining(['leak-double', 'conflict-double-flag', 'personal-name']))
  expect(checked.out + checked.said).not.toContain('Harrow')
  expect((await run(splitVerb, ['--seed', '2'])).status).toBe(0)
  const after = JSON.parse((await run(duplicatesVerb, ['--json'])).out) as typeof linked
  expect(new Set(after.links[0]!.cases.map(({ side }) => side)).size).toBe(1)
})
test('a link taken apart needs a reason, and stays apart', async () => {
  const { links } = JSON.parse((await run(duplicatesVerb, ['--json'])).out) as {
    links: { one: string; other: string }[]
  }
  const pair = ['--unlink', links[0]!.one, '--from', links[0]!.other]
  expect((await run(duplicatesVerb, pair)).status).toBe(2)
  expect((await run(duplicatesVerb, [...pair, '--why', 'two patients'])).status).toBe(0)
  expect((await run(duplicatesVerb, [])).out).toContain('0 pairs of pictures')
})
test('a mistyped ratio or seed is wrong usage', async () => {
  expect((await run(splitVerb, ['--ratios', '60/40'])).status).toBe(2)
  expect((await run(checkVerb, ['--seed', 'x'])).status).toBe(2)
})
