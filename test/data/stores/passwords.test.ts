import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkPassword, hashPassword, isPassword } from '../../../data/stores/password-hash.ts'
import { Passwords, passwordFile } from '../../../data/stores/passwords.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'

const RIGHT = 'seven grey lungs'
const ANN = { id: 'ann', name: 'Ann Reader' }

async function workspace() {
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-passwords-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return await openWorkspace(join(folder, 'workspace'), { create: true })
}

describe('a password', () => {
  it('opens, and another does not', async () => {
    const kept = await hashPassword(RIGHT)
    expect(await isPassword(RIGHT, kept)).toBe(true)
    expect(await isPassword(`${RIGHT} `, kept)).toBe(false)
    expect(await isPassword('', kept)).toBe(false)
  })

  it('is kept as scrypt with its cost and a salt of its own', async () => {
    const [first, second] = await Promise.all([hashPassword(RIGHT), hashPassword(RIGHT)])
    expect(first).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(first).not.toBe(second)
  })

  // RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1), its first 32 bytes.
  it('is checked by the cost that is kept, as in the RFC of scrypt', async () => {
    const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
    const salt = Buffer.from('SodiumChloride')
    const key = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex')
    // The test vector's salt of 14 bytes is shorter than ours may be.
    expect(await isPassword('pleaseletmein', `$scrypt$ln=14,r=8,p=1$${base64(salt)}$${base64(key)}`)).toBe(
      false,
    )
    const { scryptSync } = await import('node:crypto')
    expect(scryptSync('pleaseletmein', salt, 32, { N: 16384, r: 8, p: 1 })).toEqual(key)
    const long = Buffer.from('SodiumChlorideSodium')
    const ours = scryptSync('pleaseletmein', long, 32, { N: 16384, r: 8, p: 1 })
    expect(await isPassword('pleaseletmein', `$scrypt$ln=14,r=8,p=1$${base64(long)}$${base64(ours)}`)).toBe(
      true,
    )
  })

  it('typed on another keyboard is the same', async () => {
    const kept = await hashPassword('M\u00e4rz und April')
    expect(await isPassword('Ma\u0308rz und April', kept)).toBe(true)
  })

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['the password itself', RIGHT],
    ['a cost that would hold the server', `$scrypt$ln=31,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`],
  ])('never opens where %s is kept', async (_what, kept) => {
    expect(await isPassword(RIGHT, kept)).toBe(false)
  })

  it.each([
    ['short', 'a b c d e'],
    ['endless', 'ab cd '.repeat(40)],
    ['one character over and over', 'aaaaaaaaaaaaaa'],
    ['the name', 'ANN READER'],
  ])('that is %s is refused', (_what, given) => {
    expect(() => checkPassword(given, ANN.name)).toThrow(expect.objectContaining({ code: 'password-weak' }))
  })
})

describe('the passwords of a workspace', () => {
  it('are known to who opens it again, and not as they were typed', async () => {
    const place = await workspace()
    await new Passwords(passwordFile(place)).set(ANN, RIGHT)
    const again = new Passwords(passwordFile(place))
    expect(await again.check('ann', RIGHT)).toBe(true)
    expect(await again.check('ann', 'eight grey lungs')).toBe(false)
    expect(await readFile(join(place.dir, 'private', 'passwords.json'), 'utf8')).not.toContain(RIGHT)
  })

  it.skipIf(process.platform === 'win32')('lie in a folder nobody else may look into', async () => {
    const place = await workspace()
    await new Passwords(passwordFile(place)).set(ANN, RIGHT)
    expect((await stat(join(place.dir, 'private'))).mode & 0o077).toBe(0)
  })

  it('open nothing for a name nobody has, or for a name of JavaScript itself', async () => {
    const passwords = new Passwords(passwordFile(await workspace()))
    for (const id of [undefined, 'nobody', '__proto__', 'constructor'])
      expect(await passwords.check(id, RIGHT)).toBe(false)
  })

  it('given by another process are known within a second', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const place = await workspace()
    const server = new Passwords(passwordFile(place), () => now)
    expect(await server.has('ann')).toBe(false)
    await new Passwords(passwordFile(place), () => now).set(ANN, RIGHT)
    now += 1001
    expect(await server.check('ann', RIGHT)).toBe(true)
    expect(await server.changedAt('ann')).toBe(Date.parse('2026-01-01T00:00:00Z'))
  })

  it('let somebody in only while an account that has one is not disabled', async () => {
    const passwords = new Passwords(passwordFile(await workspace()))
    await passwords.set(ANN, RIGHT)
    const account = { ...ANN, role: 'curator', createdAt: '' } as const
    expect(await passwords.any([account])).toBe(true)
    expect(await passwords.any([{ ...account, disabledAt: '2026-01-01' }])).toBe(false)
    expect(await passwords.any([{ ...account, id: 'bob' }])).toBe(false)
  })

  it('that were damaged by hand are told in words, and open nothing', async () => {
    const place = await workspace()
    await new Passwords(passwordFile(place)).set(ANN, RIGHT)
    await writeFile(join(place.dir, 'private', 'passwords.json'), '{"passwords": {"ann": 1}}')
    await expect(new Passwords(passwordFile(place)).check('ann', RIGHT)).rejects.toThrow(/passwords\.json/)
  })
})
