import { crc32c } from '../../../trainer/tensorboard/crc32c.ts'

export interface ReadEvent {
  wallTime: number
  step: number
  fileVersion?: string
  status?: number
  scalars?: [string, number][]
}

/** Reads event files byte by byte, without the library that writes them. */
export function readEvents(file: Uint8Array): ReadEvent[] {
  const events: ReadEvent[] = []
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true))
    check(file.subarray(at, at + 8), view.getUint32(at + 8, true))
    const data = file.subarray(at + 12, at + 12 + length)
    check(data, view.getUint32(at + 12 + length, true))
    events.push(event(data))
    at += 16 + length
  }
  return events
}

function check(data: Uint8Array, masked: number): void {
  const turned = (masked - 0xa282ead8) >>> 0
  if (((turned >>> 17) | (turned << 15)) >>> 0 !== crc32c(data)) throw new Error('checksum: does not fit')
}

function event(data: Uint8Array): ReadEvent {
  const found: ReadEvent = { wallTime: 0, step: 0 }
  for (const { number, value } of fields(data)) {
    if (number === 1) found.wallTime = new DataView(bytesOf(value)).getFloat64(0, true)
    if (number === 2) found.step = Number(value)
    if (number === 3) found.fileVersion = new TextDecoder().decode(value as Uint8Array)
    if (number === 7) found.status = Number(fields(value as Uint8Array)[0]!.value)
    if (number === 5) found.scalars = fields(value as Uint8Array).map(one => scalar(one.value as Uint8Array))
  }
  return found
}

function scalar(data: Uint8Array): [string, number] {
  const [tag, value] = fields(data)
  return [
    new TextDecoder().decode(tag!.value as Uint8Array),
    new DataView(bytesOf(value!.value)).getFloat32(0, true),
  ]
}

const bytesOf = (value: Uint8Array | bigint) => Uint8Array.from(value as Uint8Array).buffer

/** The fields of a message: varints as numbers, all else as bytes. */
function fields(data: Uint8Array): { number: number; value: Uint8Array | bigint }[] {
  const found: { number: number; value: Uint8Array | bigint }[] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = data[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < data.length) {
    const key = Number(varint())
    const [number, wire] = [key >> 3, key & 7]
    if (wire === 0) found.push({ number, value: varint() })
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint())
      found.push({ number, value: data.subarray(at, at + length) })
      at += length
    }
  }
  return found
}
