import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { codeOf } from '../../../data/errors.ts'
import type { Decodings, FileToDecode } from '../../../data/pictures/decode-task.ts'
import { openPool, type Pool } from '../../../data/pool/pool.ts'
import type { PoolLimits, Task } from '../../../data/pool/task.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { isBuilt } from '../../faults/served.ts'

type Decoded = Decodings[keyof Decodings]

const built = (path: string) => pathToFileURL(packagePath('dist', 'data', 'pictures', path)).href
const white = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#fff' } })
    .png({ compressionLevel: 9 })
    .toBuffer()

const pools: Pool<FileToDecode, Decoded>[] = []
/** The build's own task, so that it runs in worker processes. */
async function decoders(limits: Partial<PoolLimits>) {
  const { task } = (await import(built('decode-task.js'))) as { task: Task<FileToDecode, Decoded> }
  const pool = openPool(task, {
    workers: 1,
    timeLimit: 60,
    memoryLimit: 2048,
    advice: 'leave it out',
    ...limits,
  })
  pools.push(pool)
  return (bytes: Uint8Array, name: string) => pool.run({ want: 'image', bytes, name }, name)
}
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close()
})

const refusal = (work: Promise<unknown>) => work.then(String, error => `${codeOf(error)} ${error.message}`)

describe.skipIf(!isBuilt())('a picture from outside', () => {
  it('that needs too much memory is refused in words, and the good one behind it is read', async () => {
    const read = await decoders({ memoryLimit: 250 })
    // 100 kB that become 300 MB.
    const bomb = refusal(read(await white(10_000), 'bomb.png'))
    const good = read(await white(40), 'good.png')
    expect(await bomb).toBe(
      'file-memory-limit image: bomb.png: needed more than 250 MB of memory; leave it out',
    )
    expect(await good).toMatchObject({ width: 40, height: 40, format: 'png' })
  })

  it('that takes too long is refused in words, and the good one behind it is read', async () => {
    const read = await decoders({ timeLimit: 0.2 })
    await read(await white(40), 'first.png')
    const slow = refusal(read(await white(10_000), 'slow.png'))
    const good = read(await white(41), 'good.png')
    expect(await slow).toBe('file-time-limit image: slow.png: took longer than 0.2 s; leave it out')
    expect(await good).toMatchObject({ width: 41 })
  })

  it('of the most pixels that are taken stays within the limits that are set', async () => {
    const read = await decoders({})
    expect(await read(await white(10_000), 'large.png')).toMatchObject({ width: 10_000 })
  })

  it('that is damaged has the words it has in this process', async () => {
    const read = await decoders({})
    const damaged = (await white(40)).subarray(0, 60)
    expect(await refusal(read(damaged, 'half.png'))).toMatch(/^image-undecodable image: half\.png: can't be/)
    expect(await refusal(read(new Uint8Array(), 'none.png'))).toMatch(
      /^image-empty image: none\.png: 0 bytes/,
    )
  })

  it('does not keep the process alive that asked for it', async () => {
    const script = `
      import { decodedApart } from ${JSON.stringify(built('decode-apart.js'))}
      const { width } = await decodedApart('pixels', Buffer.from(process.argv[1], 'base64'), 'a.png')
      console.log(width)`
    const args = ['--input-type=module', '-e', script, (await white(40)).toString('base64')]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    expect(stdout.trim()).toBe('40')
  })
})
