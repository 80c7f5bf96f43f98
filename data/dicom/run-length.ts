/**
 * RLE Lossless (PS3.5, annex G): a header of 16 numbers, then a segment for every byte of a sample, the high byte first,
 * packed as PackBits does.
 * @param length bytes of the frame once unpacked. @returns samples little endian, colours interleaved.
 * @throws Error where the segments don't fill the frame.
 */
export function unpackRunLength(frame: Uint8Array, length: number, bytesPerSample: 1 | 2): Uint8Array {
  if (frame.length < 64) throw new Error(`RLE: ${frame.length} bytes: its header has 64`)
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const segments = view.getUint32(0, true)
  if (segments < 1 || segments > 15 || segments % bytesPerSample !== 0)
    throw new Error(`RLE: ${segments} segments: expected ${bytesPerSample} for every colour`)
  const pixels = length / segments
  const colours = segments / bytesPerSample
  const out = new Uint8Array(length)
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true)
    const end = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : frame.length
    const plane = unpackBits(frame.subarray(start, end), pixels)
    const colour = Math.floor(segment / bytesPerSample)
    // The high byte comes first; it is the second of a little-endian sample.
    const byte = bytesPerSample - 1 - (segment % bytesPerSample)
    for (let pixel = 0; pixel < pixels; pixel++)
      out[(pixel * colours + colour) * bytesPerSample + byte] = plane[pixel]!
  }
  return out
}

function unpackBits(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let to = 0
  let at = 0
  while (to < length) {
    if (at >= packed.length) throw new Error(`RLE: a segment ends after ${to} of ${length} bytes`)
    const control = packed[at++]!
    if (control < 128) {
      const literal = packed.subarray(at, at + control + 1).subarray(0, length - to)
      out.set(literal, to)
      at += control + 1
      to += literal.length
      if (literal.length === 0) throw new Error(`RLE: a segment ends after ${to} of ${length} bytes`)
    } else if (control > 128) {
      out.fill(packed[at++] ?? 0, to, Math.min(length, to + 257 - control))
      to += 257 - control
    }
  }
  return out
}
