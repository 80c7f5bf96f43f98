import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { runCli } from './run-cli.ts'

const RIGHT = 'seven grey lungs'
let folder: string
let dir: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lesionloop-user-'))
  dir = join(folder, 'workspace')
  await openWorkspace(dir, { create: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const user = (args: string[], input = '') => runCli(['user', ...args, '--workspace', dir], { input })

describe('lesionloop user', () => {
  it('adds somebody whose password opens the served desk, also while it is served', async () => {
    const server = await startServer({ workspace: dir })
    try {
      const added = await user(
        ['add', 'Ann', '--role', 'curator', '--password-stdin', '--json'],
        `${RIGHT}\n`,
      )
      expect([added.status, added.err]).toEqual([0, ''])
      expect(JSON.parse(added.out)).toMatchObject({ id: 'ann', name: 'Ann', role: 'curator' })
      const login = () =>
        fetch(`${server.url}/api/login/password`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ name: 'Ann', password: RIGHT }),
        })
      await expect.poll(async () => (await login()).status, { timeout: 5000, interval: 600 }).toBe(200)
    } finally {
      await server.close()
    }
  })

  it('lists who there is, and no password', async () => {
    const { status, out } = await user(['list'])
    expect(status).toBe(0)
    expect(out).toMatch(/^curator\s+password\s+Ann$/m)
    expect((await user(['list', '--json'])).out).not.toMatch(/scrypt/)
    expect(await readFile(join(dir, 'accounts.json'), 'utf8')).not.toMatch(/scrypt/)
  })

  it.each([
    [
      'a name that is taken',
      ['add', 'ann', '--role', 'trainer', '--password-stdin'],
      `${RIGHT}\n`,
      1,
      /taken/,
    ],
    [
      'a weak password',
      ['add', 'Bob', '--role', 'trainer', '--password-stdin'],
      'short\n',
      1,
      /5 characters/,
    ],
    ['no password', ['add', 'Bob', '--role', 'trainer', '--password-stdin'], '', 2, /nothing came in/],
    ['no terminal to ask on', ['add', 'Bob', '--role', 'trainer'], '', 2, /--password-stdin/],
    [
      'a role nobody knows',
      ['add', 'Bob', '--role', 'boss', '--password-stdin'],
      `${RIGHT}\n`,
      2,
      /annotator/,
    ],
    ['a name nobody has', ['disable', 'Bob'], '', 1, /nobody of this name/],
  ])('refuses %s, and adds nobody', async (_what, args, input, status, words) => {
    const run = await user(args, input)
    expect(run.status).toBe(status)
    expect(run.err).toMatch(words)
    expect(JSON.parse((await user(['list', '--json'])).out).people).toHaveLength(1)
  })

  it('changes a password, and lets somebody in no more', async () => {
    const changed = await user(['password', 'Ann', '--password-stdin'], 'nine pale lungs\n')
    expect([changed.status, changed.out]).toEqual([0, 'Ann: new password; open sessions ended\n'])
    expect((await user(['disable', 'ann'])).out).toBe('Ann may no longer log in\n')
    expect((await user(['list'])).out).toMatch(/may not log in\s*Ann/)
  })
})

describe('lesionloop serve', () => {
  it('listens for other machines only once somebody can log in', async () => {
    const { status, err } = await runCli(['serve', '--workspace', dir, '--host', '0.0.0.0', '--port', '0'])
    expect(status).toBe(1)
    expect(err).toContain('lesionloop user add NAME --role curator')
  })

  it.each([
    [['--trusted-header', 'X-Remote-User'], /--trusted-proxy ADDRESS/],
    [['--trusted-role', 'annotator'], /--trusted-header NAME/],
    [['--trusted-header', 'X-Remote-User', '--trusted-proxy', 'everywhere'], /expected an address/],
    [['--address', 'labels.example.org'], /https:\/\/labels\.example\.org/],
  ])('refuses %j', async (args, words) => {
    const { status, err } = await runCli(['serve', '--workspace', dir, '--port', '0', ...args])
    expect([status, err]).toEqual([2, expect.stringMatching(words)])
  })
})

// A terminal of its own is made by script(1), which not every system has.
const script = process.platform === 'linux'
describe.skipIf(!script)('a password asked on the terminal', () => {
  it('is not shown, and must be typed twice alike', async () => {
    const command = `${process.execPath} ${packagePath('dist', 'cli.js')} user add Tess --role annotator --workspace ${dir}`
    const typed = (lines: string[]) =>
      new Promise<string>((resolve, reject) => {
        const child = spawn('script', ['-qec', command, '/dev/null'])
        let shown = ''
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          shown += text
          if (/(password|once more): $/.test(shown)) child.stdin.write(`${lines.shift()}\r`)
        })
        child.on('error', reject)
        child.on('close', () => resolve(shown))
      })
    const differs = await typed([RIGHT, 'seven gray lungs'])
    expect(differs).toContain('the two differ')
    const shown = await typed([RIGHT, RIGHT])
    expect(shown).toContain('Tess can log in as annotator')
    expect(shown + differs).not.toContain('lungs')
  })
})
