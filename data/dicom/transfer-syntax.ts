/** How the pixels of a file are packed (PS3.5, annex A). */
export type Packing = 'native' | 'run-length' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000'

export interface TransferSyntax {
  name: string
  packing: Packing
}

const native = (name: string): TransferSyntax => ({ name, packing: 'native' })

/** Those we read, by their identifier (PS3.6, annex A). */
export const TRANSFER_SYNTAXES: Readonly<Record<string, TransferSyntax>> = {
  '1.2.840.10008.1.2': native('Implicit VR Little Endian'),
  '1.2.840.10008.1.2.1': native('Explicit VR Little Endian'),
  '1.2.840.10008.1.2.1.99': native('Deflated Explicit VR Little Endian'),
  '1.2.840.10008.1.2.2': native('Explicit VR Big Endian'),
  '1.2.840.10008.1.2.5': { name: 'RLE Lossless', packing: 'run-length' },
  '1.2.840.10008.1.2.4.50': { name: 'JPEG Baseline', packing: 'jpeg' },
  '1.2.840.10008.1.2.4.51': { name: 'JPEG Extended', packing: 'jpeg' },
  '1.2.840.10008.1.2.4.57': { name: 'JPEG Lossless', packing: 'jpeg-lossless' },
  '1.2.840.10008.1.2.4.70': { name: 'JPEG Lossless, first-order prediction', packing: 'jpeg-lossless' },
  '1.2.840.10008.1.2.4.80': { name: 'JPEG-LS Lossless', packing: 'jpeg-ls' },
  '1.2.840.10008.1.2.4.81': { name: 'JPEG-LS Near-lossless', packing: 'jpeg-ls' },
  '1.2.840.10008.1.2.4.90': { name: 'JPEG 2000 Lossless', packing: 'jpeg-2000' },
  '1.2.840.10008.1.2.4.91': { name: 'JPEG 2000', packing: 'jpeg-2000' },
  '1.2.840.10008.1.2.4.201': { name: 'High-Throughput JPEG 2000 Lossless', packing: 'jpeg-2000' },
  '1.2.840.10008.1.2.4.202': { name: 'High-Throughput JPEG 2000 RPCL Lossless', packing: 'jpeg-2000' },
  '1.2.840.10008.1.2.4.203': { name: 'High-Throughput JPEG 2000', packing: 'jpeg-2000' },
}

/** Names of common ones that we don't read, so that the message can say which it is. */
export const UNREAD_SYNTAXES: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.4.92': 'JPEG 2000 Part 2, lossless',
  '1.2.840.10008.1.2.4.93': 'JPEG 2000 Part 2',
  '1.2.840.10008.1.2.4.94': 'JPIP Referenced',
  '1.2.840.10008.1.2.4.95': 'JPIP Referenced Deflate',
  '1.2.840.10008.1.2.4.100': 'MPEG2 video',
  '1.2.840.10008.1.2.4.102': 'MPEG-4 video',
  '1.2.840.10008.1.2.4.103': 'MPEG-4 video',
  '1.2.840.10008.1.2.4.107': 'HEVC video',
  '1.2.840.10008.1.2.4.110': 'JPEG XL Lossless',
  '1.2.840.10008.1.2.4.112': 'JPEG XL',
}

export const BIG_ENDIAN = '1.2.840.10008.1.2.2'
