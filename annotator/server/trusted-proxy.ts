import { BlockList, isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { LesionloopError } from '../../data/errors.ts'
import type { Role } from '../../data/records/vocabulary.ts'
import type { Env } from './context.ts'

export interface TrustedProxyOptions {
  /** Header in which the proxy names the person who logged in to it ("X-Remote-User"). */
  header: string
  /** Addresses and networks (10.0.0.0/8) that are the proxy; from anywhere else the header is not looked at. */
  addresses: readonly string[]
  /** Role of a name that is not known here yet; without it an unknown name is refused. */
  role?: Role
}

/** Headers that mean something of their own and never a person. */
const OTHER_HEADERS = new Set(['host', 'cookie', 'origin', 'authorization', 'content-type', 'connection'])

/** A proxy that authenticates and says who it is. Off unless configured. */
export class TrustedProxy {
  readonly role: Role | undefined
  private readonly header: string
  private readonly addresses = new BlockList()

  /** @throws LesionloopError `usage` naming what is no address or no header. */
  constructor({ header, addresses, role }: TrustedProxyOptions) {
    this.header = header.toLowerCase()
    this.role = role
    if (!/^[a-z0-9-]{1,100}$/.test(this.header) || OTHER_HEADERS.has(this.header))
      throw new LesionloopError(
        'usage',
        `trusted-header: ${header.slice(0, 100)}: expected the name of a header that only the proxy sets, as X-Remote-User`,
      )
    if (addresses.length === 0)
      throw new LesionloopError('usage', 'trusted-proxy: none: expected the address of the proxy')
    for (const given of addresses) this.add(given)
  }

  isTrusted(address: string): boolean {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
    const family = isIP(plain)
    return family !== 0 && this.addresses.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }

  /** The name the proxy gives; null where the request is not from it, or it gives none. */
  nameIn(c: Context<Env>): string | null {
    if (!this.isTrusted(getConnInfo(c).remote.address ?? '')) return null
    const given = c.req.header(this.header)
    if (given === undefined) return null
    // Bytes of a header come as Latin-1; proxies send UTF-8.
    const utf8 = Buffer.from(given, 'latin1').toString('utf8')
    return (utf8.includes('\ufffd') ? given : utf8).trim() || null
  }

  private add(given: string): void {
    const [address = '', bits, more] = given.trim().split('/')
    const family = isIP(address)
    const longest = family === 6 ? 128 : 32
    const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
    if (family === 0 || more !== undefined || prefix < 0 || prefix > longest)
      throw new LesionloopError(
        'usage',
        `trusted-proxy: ${given.slice(0, 100)}: expected an address (10.0.0.5) or a network (10.0.0.0/24)`,
      )
    this.addresses.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  }
}
