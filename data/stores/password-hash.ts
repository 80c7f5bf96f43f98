import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { LesionloopError } from '../errors.ts'

const SHORTEST_PASSWORD = 10
const LONGEST_PASSWORD = 200

/** Cost of a hash: 2^log2N · r · p blocks of 128 bytes are worked through, 2^log2N · r of them held at once. */
interface Cost {
  log2N: number
  r: number
  p: number
}

/** 32 MB and some tenths of a second a try: one of the settings that OWASP's Password Storage Cheat Sheet gives for scrypt. */
const COST: Cost = { log2N: 15, r: 8, p: 3 }
/** A file that asks for more than this was not written by us, and would hold the server. */
const DEAREST: Cost = { log2N: 18, r: 16, p: 8 }
const SALT_BYTES = 16
const KEY_BYTES = 32
const KEPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,})\$([A-Za-z0-9+/]{43})$/

/** @throws LesionloopError `password-weak` where it is too short, too long, or the person's own name. */
export function checkPassword(password: string, name: string): void {
  const plain = normal(password)
  if (plain.length < SHORTEST_PASSWORD || plain.length > LONGEST_PASSWORD)
    throw new LesionloopError(
      'password-weak',
      `password: ${plain.length} characters: expected ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD}; some words in a row are easy to keep and hard to guess`,
    )
  if (new Set(plain).size < 4 || plain.toLowerCase() === normal(name).toLowerCase())
    throw new LesionloopError(
      'password-weak',
      'password: the name itself, or hardly more than one character repeated; choose one that nobody guesses',
    )
}

/**
 * @returns `$scrypt$ln=…,r=…,p=…$salt$key` (the PHC string format): the cost stands beside the key, so that it can be
 *   raised later and old passwords still open.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const key = await derive(normal(password), salt, COST)
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=${COST.log2N},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`
}

/**
 * Whether a password is the kept one. Where nothing is kept, as long is worked as if there were, so that the time tells
 * nobody which names have a password.
 */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  const read = kept === undefined ? undefined : parse(kept)
  const { cost, salt, key } = read ?? {
    cost: COST,
    salt: randomBytes(SALT_BYTES),
    key: randomBytes(KEY_BYTES),
  }
  const given = await derive(normal(password).slice(0, LONGEST_PASSWORD + 1), salt, cost)
  return timingSafeEqual(given, key) && read !== undefined
}

function parse(kept: string): { cost: Cost; salt: Buffer; key: Buffer } | undefined {
  const [, log2N, r, p, salt, key] = KEPT.exec(kept) ?? []
  if (salt === undefined || key === undefined) return undefined
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) }
  if (cost.log2N > DEAREST.log2N || cost.r > DEAREST.r || cost.p > DEAREST.p) return undefined
  return { cost, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') }
}

/** Two keyboards may send one letter as different code points (NIST SP 800-63B, 5.1.1.2, asks for NFKC or NFKD). */
const normal = (text: string) => text.normalize('NFKC')

function derive(password: string, salt: Buffer, { log2N, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** log2N
  return new Promise((resolve, reject) =>
    scrypt(password, salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r + 2 ** 20 }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}
