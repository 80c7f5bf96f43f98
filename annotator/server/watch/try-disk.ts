import { dirname, join } from 'node:path'
import { writeFileAtomically } from '../../../data/workspace/files.ts'
import type { Workspace } from '../../../data/workspace/open.ts'

/** More than a few saves need, so that a disk with room for one of them does not count as one with room. */
const BYTES = 64 << 10

/** Writes something beside the journal and takes it away again. @throws what the system says where that fails. */
export async function tryDisk({ files, paths }: Workspace): Promise<void> {
  const path = join(dirname(paths.journal), '.room')
  try {
    await writeFileAtomically(files, path, new Uint8Array(BYTES))
  } finally {
    await files.remove(path)
  }
}
