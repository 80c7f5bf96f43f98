// CRC-32 as in ISO 3309 and gzip (reversed polynomial 0xEDB88320); node:zlib has its own only from Node 22.2.
const TABLE = new Int32Array(256).map((_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 of the bytes from `start` up to `end`, as 8 hex digits. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let crc = -1
  for (let i = start; i < end; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!
  return ((crc ^ -1) >>> 0).toString(16).padStart(8, '0')
}
