import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from './run-cli.ts'

let dir: string
let set: string
const HEAD = 'image,flag,GGO,Csld,CrPa,AirBr,InSepThi,caption,document,side'

async function importTable(...rows: string[]) {
  writeFileSync(join(dir, 'set.csv'), [HEAD, ...rows].join('\n'))
  return await runCli(['import', 'csv', join(dir, 'set.csv'), '--workspace', set])
}
const dataset = (...args: string[]) => runCli(['dataset', ...args, '--workspace', set])

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lesionloop-dataset-verb-'))
  set = join(dir, 'set')
  for (const [at, name] of ['a.png', 'b.png', 'c.png'].entries()) {
    const pixels = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * (at * 37 + 11)) % 251)
    writeFileSync(
      join(dir, name),
      await sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } })
        .png()
        .toBuffer(),
    )
  }
  expect(
    await importTable('a.png,positive,1,0,0,0,0,,one,train', 'b.png,positive,0,1,0,0,0,,two,test'),
  ).toMatchObject({ status: 0 })
}, 60_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('dataset', { timeout: 60_000 }, () => {
  test('list of none says how to make one', async () => {
    expect((await dataset('list')).out).toContain('lesionloop dataset freeze NAME')
  })
  test('freeze makes a version with the check in its card, and asks for what nobody said', async () => {
    const { status, out } = await dataset('freeze', 'v1')
    expect(status).toBe(0)
    expect(out).toContain('v1: 2 cases and 2 pictures frozen')
    expect(out).toContain('--title, --creator, --licence-of-dataset, --url, --dataset-version')
    const card = readFileSync(join(set, 'datasets', 'v1', 'README.md'), 'utf8')
    expect(card).toContain('no positive of')
    expect(card).not.toContain('the check was not run')
  })
  test('freeze without the check says so in the card', async () => {
    expect((await dataset('freeze', 'unchecked', '--no-check')).status).toBe(0)
    expect(readFileSync(join(set, 'datasets', 'unchecked', 'README.md'), 'utf8')).toContain(
      'the check was not run',
    )
  })
  test('a name that is taken is refused, status 1, and a name with a slash too', async () => {
    expect(await dataset('freeze', 'v1')).toMatchObject({
      status: 1,
      err: expect.stringContaining('choose another name'),
    })
    expect(await dataset('freeze', 'a/b')).toMatchObject({ status: 1, err: expect.stringContaining('a/b') })
  })
  test('describe is kept, told in the next version, and refuses an address that is none', async () => {
    const said = await dataset('describe', '--title', 'Chest CT', '--creator', 'A group', '--json')
    expect(JSON.parse(said.out)).toEqual({ title: 'Chest CT', creator: 'A group' })
    expect((await dataset('describe')).out).toContain('url: not said; --url')
    expect(await dataset('describe', '--url', 'our page')).toMatchObject({
      status: 1,
      err: expect.stringContaining('url: our page'),
    })
    const { out } = await dataset('freeze', 'described', '--no-check', '--dataset-version', '1.0.0')
    expect(out).toContain('leave out what nobody said: --licence-of-dataset, --url;')
    const croissant = JSON.parse(
      readFileSync(join(set, 'datasets', 'described', 'croissant.json'), 'utf8'),
    ) as Record<string, unknown>
    expect(croissant).toMatchObject({
      name: 'Chest CT',
      version: '1.0.0',
      creator: { '@type': 'sc:Organization', name: 'A group' },
    })
    expect(croissant['url']).toBeUndefined()
  })
  test('diff tells what a later import added, relabelled and moved', async () => {
    await importTable(
      'a.png,negative,0,0,0,0,0,,one,train',
      'b.png,positive,0,1,0,0,0,,two,test',
      'c.png,negative,0,0,0,0,0,,three,val',
    )
    await dataset('freeze', 'v2', '--no-check')
    const { out, status } = await dataset('diff', 'v1', 'v2')
    expect(status).toBe(0)
    expect(out.split('\n')[0]).toContain('1 added, 0 removed, 1 relabelled')
    expect(out).toMatch(/^\+ set:three#/m)
    expect(out).toMatch(/^~ set:one#.*flag positive → negative, GGO present → absent$/m)
    const found = JSON.parse((await dataset('diff', 'v1', 'v2', '--json')).out) as { added: string[] }
    expect(found.added).toHaveLength(1)
  })
  test('verify ends with status 1 once a frozen file was changed, and names it', async () => {
    expect((await dataset('verify', 'v1')).out).toContain('files are as they were frozen')
    writeFileSync(join(set, 'datasets', 'v1', 'cases.jsonl'), '')
    const { status, out } = await dataset('verify', 'v1')
    expect(status).toBe(1)
    expect(out).toContain('changed: cases.jsonl')
  })
  test('an unknown version is refused by diff and verify', async () => {
    for (const args of [
      ['diff', 'v1', 'none'],
      ['verify', 'none'],
    ])
      expect(await dataset(...args)).toMatchObject({
        status: 1,
        err: expect.stringContaining('no such frozen version'),
      })
    expect(existsSync(join(set, 'datasets', 'none'))).toBe(false)
  })
})
