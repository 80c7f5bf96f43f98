import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileOperations, writeFileAtomically } from '../workspace/files.ts'

/** Files are kept in pieces of this size, so that of a file that only grew, only its end is kept anew. */
export const PIECE = 4 << 20

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** Where a piece lies: objects/ab/ab12…, by the hash of its content. */
export const piecePath = (dir: string, hash: string): string => join(dir, 'objects', hash.slice(0, 2), hash)

/** Whether a piece of that size is there already. */
export async function hasPiece(dir: string, hash: string, bytes: number): Promise<boolean> {
  return (await stat(piecePath(dir, hash)).catch(() => undefined))?.size === bytes
}

/** Keeps a piece, on the disk when it returns. @returns its hash, and how many bytes were written (0: known). */
export async function keepPiece(
  files: FileOperations,
  dir: string,
  bytes: Uint8Array,
): Promise<{ hash: string; written: number }> {
  const hash = sha256(bytes)
  if (await hasPiece(dir, hash, bytes.length)) return { hash, written: 0 }
  await writeFileAtomically(files, piecePath(dir, hash), bytes)
  return { hash, written: bytes.length }
}
