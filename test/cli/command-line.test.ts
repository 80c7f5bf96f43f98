import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { runCli } from './run-cli.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lesionloop-cli-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Addresses of all modules a run loads. */
async function imported(args: string[], input = ''): Promise<string> {
  const log = join(dir, `${args[0]}.log`)
  writeFileSync(log, '')
  const hook = packagePath('test', 'cli', 'fixtures', 'log-imports.mjs')
  await runCli(args, { input, node: ['--import', hook], env: { IMPORT_LOG: log } })
  return readFileSync(log, 'utf8')
}

const VERBS = [
  'demo',
  'mine',
  'label',
  'figures',
  'import',
  'serve',
  'train',
  'predict',
  'rank',
  'cycle',
  'report',
  'diagnose',
  'export',
  'stats',
  'lexicon',
  'doctor',
]

describe('the command line', () => {
  test('lists every verb with --help and ends with 0', async () => {
    const { status, out } = await runCli(['--help'])
    expect(status).toBe(0)
    for (const verb of VERBS) expect(out).toMatch(new RegExp(`^  ${verb} `, 'm'))
  })

  test.each(VERBS)('%s explains itself with --help', async verb => {
    const { status, out } = await runCli([verb, '--help'])
    expect(status).toBe(0)
    expect(out).toContain(`lesionloop ${verb}`)
  })

  test('without a verb shows the verbs and ends with 2', async () => {
    const { status, out } = await runCli([])
    expect(status).toBe(2)
    expect(out).toContain('mine')
  })

  test('names an unknown verb, lists the known ones and ends with 2', async () => {
    const { status, err } = await runCli(['lable'])
    expect(status).toBe(2)
    expect(err).toContain('lable: no such verb')
    expect(err).toContain('label')
  })

  test('refuses an option a verb does not have rather than ignoring it', async () => {
    const { status, err } = await runCli(['stats', '--worksapce', dir])
    expect(status).toBe(2)
    expect(err).toContain('--worksapce: no such option')
  })

  test.each([
    [['dataset', 'freeze', 'v1', '--worksapce', 'here'], 'lesionloop dataset freeze: --worksapce'],
    [['backend', 'list', '--jsno'], 'lesionloop backend list: --jsno'],
  ])('refuses it of a verb of several as well: %j', async (args, words) => {
    const { status, err } = await runCli(args)
    expect(status).toBe(2)
    expect(err).toContain(`${words}: no such option`)
  })

  test('explains each of several verbs by itself', async () => {
    const whole = await runCli(['dataset', '--help'])
    const one = await runCli(['dataset', 'diff', '--help'])
    expect(whole.out).toMatch(/freeze[\s\S]*verify/)
    expect([one.status, one.out]).toEqual([0, expect.stringMatching(/lesionloop dataset diff/)])
    expect(one.out).not.toContain('freeze')
  })

  test('names a missing argument and ends with 2', async () => {
    const { status, err } = await runCli(['import'])
    expect(status).toBe(2)
    expect(err).toMatch(/import: .*FORMAT/i)
  })

  test('a missing workspace is an error that says how to make one, status 1', async () => {
    const nowhere = join(dir, 'nowhere')
    const { status, err } = await runCli(['stats', '--workspace', nowhere])
    expect(status).toBe(1)
    expect(err).toContain(nowhere)
    expect(existsSync(nowhere)).toBe(false)
  })

  test('a refusal of the system is one line that says what, where and what to do, without a stack', async () => {
    const file = join(dir, 'a-file')
    writeFileSync(file, '')
    const { status, err } = await runCli(['demo', '--workspace', join(file, 'workspace')])
    expect(status).toBe(1)
    expect(err).toMatch(
      /a-file.*: a file is there where a folder was expected \((ENOTDIR|EEXIST)\); choose another name/,
    )
    expect(err).not.toMatch(/^\s+at /m)
  })

  test('--help loads no part of lesionloop beyond the list of verbs', async () => {
    const modules = await imported(['--help'])
    expect(modules).toContain('dist/cli.js')
    expect(modules).not.toMatch(/tensorflow|pdfjs|wink|sharp|\/zod\/|dist\/(extractor|trainer|annotator)/)
  })

  test('label loads the text miner, and neither TensorFlow.js, pdf.js nor sharp', async () => {
    const modules = await imported(['label', '-'], 'Bilateral ground-glass opacities.\n')
    expect(modules).toContain('dist/extractor/text/miner.js')
    expect(modules).not.toMatch(/tensorflow|pdfjs|sharp|dist\/(trainer|annotator)/)
  })
})

describe('doctor', () => {
  test('says which backend was taken, why not a better one, and what a missing workspace needs', async () => {
    const { status, out } = await runCli(['doctor', '--workspace', join(dir, 'none')])
    expect(status).toBe(0)
    expect(out).toMatch(/^yes {2}backend +(gpu|native|wasm)/m)
    expect(out).toMatch(/^NO {3}workspace|^yes {2}workspace/m)
  })

  test('gives its checks as JSON', async () => {
    const { out } = await runCli(['doctor', '--json', '--workspace', join(dir, 'none')])
    const checks = JSON.parse(out) as { name: string; ok: boolean; message: string }[]
    expect(checks.map(check => check.name)).toContain('backend')
    for (const check of checks) expect(check.message).not.toBe('')
  })
})
