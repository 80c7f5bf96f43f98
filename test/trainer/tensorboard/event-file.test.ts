import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { crc32c, maskedCrc32c } from '../../../trainer/tensorboard/crc32c.ts'
import { openEventFile } from '../../../trainer/tensorboard/event-file.ts'
import { readEvents } from './read-events.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const bytes = (text: string) => new TextEncoder().encode(text)

describe('CRC-32C', () => {
  it('agrees with the examples of RFC 3720', () => {
    expect(crc32c(bytes('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e)
  })

  it('is masked by a turn of 15 bits and a constant', () => {
    const crc = crc32c(bytes('123456789'))
    expect(maskedCrc32c(bytes('123456789'))).toBe(
      Number((BigInt((crc >>> 15) | (crc << 17)) + 0xa282ead8n) & 0xffffffffn),
    )
  })
})

describe('an event file', () => {
  it('holds its version first, then the points of each epoch', async () => {
    const events = await openEventFile(folder, { now: () => 1_700_000_000.5 })
    await events.scalars(1, { 'loss/train': 0.75, 'lr/heads': 0.001 })
    await events.scalars(2, { 'loss/train': 0.5 })
    expect(readEvents(await readFile(events.path))).toEqual([
      { wallTime: 1_700_000_000.5, step: 0, fileVersion: 'brain.Event:2' },
      {
        wallTime: 1_700_000_000.5,
        step: 1,
        scalars: [
          ['loss/train', 0.75],
          ['lr/heads', Math.fround(0.001)],
        ],
      },
      { wallTime: 1_700_000_000.5, step: 2, scalars: [['loss/train', 0.5]] },
    ])
  })

  it('leaves out what is no number, and writes no empty event', async () => {
    const events = await openEventFile(folder)
    await events.scalars(1, { auc: null, ap: undefined, loss: Number.NaN })
    await events.scalars(2, { auc: 0.9, loss: Number.POSITIVE_INFINITY })
    const points = readEvents(await readFile(events.path)).slice(1)
    expect(points).toEqual([expect.objectContaining({ step: 2, scalars: [['auc', Math.fround(0.9)]] })])
  })

  it('is another one, later by name, where a run goes on, and says from which step', async () => {
    const first = await openEventFile(folder)
    const second = await openEventFile(folder, { fromStep: 4 })
    expect([basename(first.path), basename(second.path)]).toEqual([
      'events.out.tfevents.0000000001.lesionloop',
      'events.out.tfevents.0000000002.lesionloop',
    ])
    expect(readEvents(await readFile(second.path))[1]).toMatchObject({ step: 4, status: 1 })
  })

  it('fails the reader where a byte of it was changed', async () => {
    const events = await openEventFile(folder)
    await events.scalars(1, { loss: 1 })
    const damaged = await readFile(events.path)
    damaged[damaged.length - 6]! ^= 1
    expect(() => readEvents(damaged)).toThrow('checksum')
  })
})

/** A Python with TensorBoard; without it this is skipped. */
const python = process.env['LESIONLOOP_TENSORBOARD']
if (!python)
  console.warn(
    'tensorboard: LESIONLOOP_TENSORBOARD names no Python that has it; the comparison is left out (skipped)',
  )

describe.skipIf(!python)('beside TensorBoard', () => {
  it('its own reader shows the same curves, without what a broken-off run left', async () => {
    const first = await openEventFile(folder, { now: () => 1_700_000_000 })
    for (const step of [1, 2, 3])
      await first.scalars(step, { 'loss/train': 1 / step, 'val/auc': 0.5 + step / 10 })
    const second = await openEventFile(folder, { fromStep: 3, now: () => 1_700_000_100 })
    await second.scalars(3, { 'loss/train': 0.25, 'val/auc': 0.875 })
    const script = packagePath('test', 'trainer', 'tensorboard', 'read_events.py')
    const { stdout } = await promisify(execFile)(python!, [script, folder])
    expect(JSON.parse(stdout)).toEqual({
      'loss/train': [
        [1, 1],
        [2, 0.5],
        [3, 0.25],
      ],
      'val/auc': [
        [1, Math.fround(0.6)],
        [2, Math.fround(0.7)],
        [3, 0.875],
      ],
    })
  }, 60_000)
})
