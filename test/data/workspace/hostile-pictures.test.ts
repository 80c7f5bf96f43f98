import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { PIXEL_LIMIT, readPixels } from '../../../data/workspace/images.ts'

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A PNG of one bit a pixel with right checksums, whatever it says of its size. */
function png(width: number, height: number, rows: Uint8Array, ...more: Buffer[]): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([1, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const code = (bytes: Uint8Array) =>
  readPixels(bytes, 'x.png').then(
    () => 'read',
    error => error.code as string,
  )
const small = () =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: '#808080' } })
    .png()
    .toBuffer()

describe('a picture that means harm', () => {
  it('of 100,000 × 100,000 pixels is refused by its header', async () => {
    expect(await code(png(100_000, 100_000, Buffer.alloc(10)))).toBe('image-too-large')
  })

  it('of 14,000 × 14,000 real pixels in a few kilobytes is refused before they are unpacked', async () => {
    const side = 14_000
    const bomb = png(side, side, Buffer.alloc(side * (1 + side / 8)))
    expect(bomb.length).toBeLessThan(100_000)
    const before = process.memoryUsage().rss
    expect(await code(bomb)).toBe('image-too-large')
    // Unpacked to three bytes a pixel it would take 588 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6)
    expect(side * side).toBeGreaterThan(PIXEL_LIMIT)
  })

  it('with a text of 512 MB, deflated, is read without it', async () => {
    const text = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.alloc(512 << 20))])
    const before = process.memoryUsage().rss
    expect(await code(png(8, 1, Buffer.from([0, 0]), chunk('zTXt', text)))).toMatch(/read|image-undecodable/)
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6)
  })

  it.each([
    ['a JPEG', 'ffd8ffe000104a46494600010100000100010000ffc0001108ffffffff03012200021101031101'],
    ['a WebP', '524946460a0000005745425056503858'],
    ['a GIF', '474946383961ffffffff800000000000ffffff2c00000000ffffffff0002'],
    ['a TIFF of endless directories', '49492a000800000000000800000008000000'],
  ])('%s that only says how large it is, is refused', async (_what, hex) => {
    expect(await code(Buffer.from(hex, 'hex'))).toMatch(/image-(too-large|undecodable|format)/)
  })

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'],
    [
      'SVG that fetches',
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image xlink:href="file:///etc/passwd" width="9" height="9"/></svg>',
    ],
    [
      'SVG with entities',
      '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa">]><svg width="9" height="9">&a;</svg>',
    ],
    ['a GIF that is a script', 'GIF89a/*\u0001\u0001*/=1;alert(1);//'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['PDF', '%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF'],
    ['EPS', '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n'],
    [
      'a list of ImageMagick',
      'push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 "|id"\npop graphic-context',
    ],
  ])('that is %s is not drawn', async (_what, text) => {
    expect(await code(Buffer.from(text, 'latin1'))).toMatch(/image-(format|undecodable)/)
  })

  it('and a page or script at once is its pixels, and nothing else', async () => {
    const plain = await small()
    const both = Buffer.concat([plain, Buffer.from('<svg onload="alert(1)"/><script>alert(1)</script>')])
    const hash = async (bytes: Uint8Array) =>
      createHash('sha256')
        .update((await readPixels(bytes)).data)
        .digest('hex')
    expect(await hash(both)).toBe(await hash(plain))
  })
})
