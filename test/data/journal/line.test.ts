import { execFileSync } from 'node:child_process'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32 } from '../../../data/journal/crc32.ts'
import { decodeLine, encodeLine } from '../../../data/journal/line.ts'
import { anyHistory, numbered } from './sample-acts.ts'

describe('the checksum', () => {
  test('is the published check value of CRC-32', () => {
    expect(crc32(Buffer.from('123456789'))).toBe('cbf43926')
    expect(crc32(Buffer.alloc(0))).toBe('00000000')
  })

  test('is the one gzip writes, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const zipped = gzipSync(bytes)
        expect(parseInt(crc32(bytes), 16)).toBe(zipped.readUInt32LE(zipped.length - 8))
        expect(gunzipSync(zipped)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('of a part is that of the part', () => {
    expect(crc32(Buffer.from('xx123456789y'), 2, 11)).toBe('cbf43926')
  })
})

const [act] = numbered([{ act: { kind: 'note', text: 'opacity “½” \n 😀' } }])
const line = encodeLine(act!)

describe('a line of the journal', () => {
  test('is one line of JSON that any program reads', () => {
    expect(line.at(-1)).toBe(10)
    expect(line.indexOf(10)).toBe(line.length - 1)
    expect(JSON.parse(line.toString())).toMatchObject({ ...act, crc: expect.stringMatching(/^[0-9a-f]{8}$/) })
  })

  test('comes back as the act it was, whatever was written', () => {
    fc.assert(
      fc.property(anyHistory, acts => {
        for (const one of acts) {
          const bytes = encodeLine(one)
          expect(decodeLine(bytes, 0, bytes.length - 1)).toEqual(one)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('keeps half a surrogate pair', () => {
    const [odd] = numbered([{ act: { kind: 'note', text: 'a\ud83d' } }])
    const bytes = encodeLine(odd!)
    expect(decodeLine(bytes, 0, bytes.length - 1)).toEqual(odd)
  })

  test('with any one byte changed is found out', () => {
    for (let i = 0; i < line.length - 1; i++) {
      const changed = Buffer.from(line)
      changed[i] = changed[i]! ^ 1
      expect(typeof decodeLine(changed, 0, changed.length - 1)).toBe('string')
    }
  })

  test('cut anywhere is found out', () => {
    for (let end = 0; end < line.length - 1; end++) expect(typeof decodeLine(line, 0, end)).toBe('string')
  })

  test('is checked by Python’s zlib in the way the doc comment says', context => {
    const script = `
import sys, json, zlib
line = sys.stdin.buffer.read().rstrip(b"\\n")
body, crc = line[:-18], json.loads(line)["crc"]
print(f"{zlib.crc32(body):08x}" == crc)`
    try {
      execFileSync('python3', ['--version'])
    } catch {
      context.skip('no python3 here')
    }
    expect(execFileSync('python3', ['-c', script], { input: line }).toString().trim()).toBe('True')
  })
})
