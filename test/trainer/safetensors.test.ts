import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeFiles } from '../../data/workspace/files.ts'
import { fitShapes } from '../../trainer/weights/fit-shapes.ts'
import { encodeSafetensors, readSafetensors, writeSafetensors } from '../../trainer/weights/safetensors.ts'
import { temporaryFolder } from '../data/stores/sample.ts'

const tensors = new Map([
  ['a.weight', { shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, -6.5]) }],
  ['a.bias', { shape: [2], data: new Float32Array([0.25, -1]) }],
])

/** A file with any header, and so many bytes after it. */
function fileOf(header: unknown, bytes: number, length?: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const start = Buffer.alloc(8)
  start.writeBigUInt64LE(BigInt(length ?? json.length))
  return Buffer.concat([start, json, Buffer.alloc(bytes)])
}

const tensorAt = (start: number, end: number) => ({
  dtype: 'F32',
  shape: [(end - start) / 4],
  data_offsets: [start, end],
})

async function reading(content: Uint8Array) {
  const path = join(await temporaryFolder(), 'file.safetensors')
  await writeFile(path, content)
  return readSafetensors(path)
}

describe('safetensors', () => {
  it('reads back what was written, with its metadata', async () => {
    const path = join(await temporaryFolder(), 'file.safetensors')
    await writeSafetensors(nodeFiles, path, { tensors, metadata: { made: 'here' } })
    const read = await readSafetensors(path)
    expect(read.metadata).toEqual({ made: 'here' })
    expect([...read.tensors]).toEqual([...tensors])
  })

  it('writes the same bytes for the same content, the data at a multiple of eight', async () => {
    const one = encodeSafetensors({ tensors, metadata: {} })
    expect(encodeSafetensors({ tensors, metadata: {} })).toEqual(one)
    expect(Number(new DataView(one.buffer).getBigUint64(0, true)) % 8).toBe(0)
  })

  it('reads half and brain floats, doubles and whole numbers as float32', async () => {
    const entry = (dtype: string, from: number, to: number) => ({
      dtype,
      shape: [2],
      data_offsets: [from, to],
    })
    const header = {
      h: entry('F16', 0, 4),
      b: entry('BF16', 4, 8),
      d: entry('F64', 8, 24),
      i: entry('I64', 24, 40),
    }
    const data = Buffer.alloc(40)
    data.writeUInt16LE(0x3e00, 0)
    data.writeUInt16LE(0xc100, 2)
    data.writeUInt16LE(0x3fc0, 4)
    data.writeUInt16LE(0xc020, 6)
    data.writeDoubleLE(1.5, 8)
    data.writeDoubleLE(-2.5, 16)
    data.writeBigInt64LE(1n, 24)
    data.writeBigInt64LE(-2n, 32)
    const { tensors: read } = await reading(Buffer.concat([fileOf(header, 0), data]))
    for (const name of ['h', 'b', 'd']) expect([...read.get(name)!.data]).toEqual([1.5, -2.5])
    expect([...read.get('i')!.data]).toEqual([1, -2])
  })

  it.each([
    ['an empty file', new Uint8Array(0), /0 bytes, a safetensors file has at least 8/],
    [
      'a header longer than the file',
      fileOf('{}', 0, 2 ** 40),
      /says its header is 1099511627776 bytes long/,
    ],
    ['a header that is no JSON', fileOf('{"a":', 0), /header is not JSON/],
    ['a header that is a list', fileOf('[]', 0), /no JSON object/],
    [
      'an unknown type',
      fileOf({ x: { dtype: 'F8', shape: [1], data_offsets: [0, 1] } }, 1),
      /tensor x: type F8: expected one of/,
    ],
    [
      'a shape that does not fit its bytes',
      fileOf({ x: { dtype: 'F32', shape: [1000000000, 1000000000], data_offsets: [0, 4] } }, 4),
      /tensor x: 4 bytes for shape/,
    ],
    [
      'a tensor beyond the end',
      fileOf({ x: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } }, 8),
      /tensor x: ends at byte 16 of 8: the file is cut short/,
    ],
    [
      'a negative shape',
      fileOf({ x: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4),
      /whole numbers/,
    ],
    ['a header of 8 EiB', Buffer.concat([Buffer.alloc(8, 0xff), Buffer.from('{}')]), /says its header is/],
    [
      'two tensors over the same bytes',
      fileOf({ x: tensorAt(0, 8), y: tensorAt(4, 12) }, 12),
      /tensor y: begins at byte 4, the one before ends at 8/,
    ],
    [
      'a thousand tensors of the same bytes, to fill the memory',
      fileOf(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, tensorAt(0, 4000)])), 4000),
      /begins at byte 0, the one before ends at 4000/,
    ],
    ['bytes between tensors', fileOf({ x: tensorAt(0, 4), y: tensorAt(8, 12) }, 12), /begins at byte 8/],
    ['bytes after the last tensor', fileOf({ x: tensorAt(0, 4) }, 400), /396 bytes belong to no tensor/],
    [
      'a tensor that ends before it begins',
      fileOf({ x: { dtype: 'F32', shape: [1], data_offsets: [8, 4] } }, 12),
      /tensor x/,
    ],
    [
      'one name twice, also where it is written in another way',
      fileOf(`{"x":${JSON.stringify(tensorAt(0, 4))},"\\u0078":${JSON.stringify(tensorAt(0, 4))}}`, 4),
      /one name twice/,
    ],
    [
      'metadata of a hundred thousand levels',
      fileOf(`{"__metadata__":${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}}`, 0),
      /__metadata__|not JSON/,
    ],
    ['metadata that are no texts', fileOf({ __metadata__: { a: { toString: 'x' } } }, 0), /__metadata__/],
    [
      'a pickle, as torch.save wrote it until version 1.6',
      Buffer.from(
        '80028a0a6cfc9c46f9206aa850192e80024de903 63706f7369780a73797374656d0a'.replace(' ', ''),
        'hex',
      ),
      /says its header is|not JSON/,
    ],
    [
      'a zip with a pickle in it',
      Buffer.from('PK\u0003\u0004\u0000\u0000archive/data.pkl'),
      /says its header is/,
    ],
  ])('refuses %s before anything is allocated', async (_, content, message) => {
    await expect(reading(content)).rejects.toMatchObject({
      code: 'weights-damaged',
      message: expect.stringMatching(message) as string,
    })
  })

  it('takes names of JavaScript itself for names like any other', async () => {
    const { tensors: read } = await reading(fileOf(`{"__proto__":${JSON.stringify(tensorAt(0, 4))}}`, 4))
    expect([...read.keys()]).toEqual(['__proto__'])
  })

  it('refuses a file cut anywhere', async () => {
    const whole = encodeSafetensors({ tensors, metadata: {} })
    for (let end = 0; end < whole.length; end += 7)
      await expect(reading(whole.slice(0, end))).rejects.toMatchObject({ code: 'weights-damaged' })
  })

  it('tells a file that is not there from a damaged one', async () => {
    await expect(readSafetensors('nowhere.safetensors')).rejects.toMatchObject({ code: 'weights-missing' })
  })

  it('leaves the old file whole where writing fails half-way', async () => {
    const path = join(await temporaryFolder(), 'file.safetensors')
    await writeSafetensors(nodeFiles, path, { tensors, metadata: {} })
    const old = await readFile(path)
    const full = {
      ...nodeFiles,
      open: async (...args: Parameters<typeof nodeFiles.open>) => ({
        ...(await nodeFiles.open(...args)),
        write: async () => {
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        },
      }),
    }
    await expect(writeSafetensors(full, path, { tensors, metadata: { new: 'yes' } })).rejects.toThrow(
      'no space',
    )
    expect(await readFile(path)).toEqual(old)
  })
})

describe('fitting tensors to a network', () => {
  const what = { what: 'file' }
  it('takes what the network needs, and lets named extras pass', () => {
    const taken = fitShapes(tensors, new Map([['a.bias', [2]]]), {
      ...what,
      ignored: name => name === 'a.weight',
    })
    expect([...taken.keys()]).toEqual(['a.bias'])
  })

  it('names every missing, surplus and misshapen tensor', () => {
    const shapes = new Map([
      ['a.weight', [3, 2]],
      ['b.weight', [1]],
    ])
    expect(() => fitShapes(tensors, shapes, what)).toThrow(
      'missing b.weight; misshapen a.weight is [2,3], [3,2] expected; surplus a.bias',
    )
  })

  it('names the first ten of many and counts the rest', () => {
    const shapes = new Map(Array.from({ length: 14 }, (_, at) => [`c${at}`, [1]]))
    expect(() => fitShapes(new Map(), shapes, what)).toThrow(/c9 and 4 more/)
  })
})
