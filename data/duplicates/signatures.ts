import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeFileAtomically } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'
import { WINDOWS } from './windows.ts'

/** Changes with what the hashes are made of, so that an older cache is not mixed with newer hashes. */
const VERSION = 1

const pathOf = (workspace: Workspace) =>
  join(workspace.paths.featuresOf('perceptual-hash'), `windows-${VERSION}.jsonl`)

/** Window hashes by image id, as they were kept; a cache: a line that can't be read is made again. */
export async function readSignatures(workspace: Workspace): Promise<Map<string, Uint32Array>> {
  const found = new Map<string, Uint32Array>()
  const path = pathOf(workspace)
  if (!existsSync(path)) return found
  for await (const line of createInterface({ input: createReadStream(path) })) {
    try {
      const { image, hashes } = JSON.parse(line) as { image: string; hashes: string }
      const bytes = Buffer.from(hashes, 'base64')
      if (bytes.length !== 8 * WINDOWS.length) continue
      const halves = new Uint32Array(2 * WINDOWS.length)
      for (let at = 0; at < halves.length; at++) halves[at] = bytes.readUInt32LE(4 * at)
      found.set(image, halves)
    } catch {
      // Only a cache: what is not read is made again.
    }
  }
  return found
}

/** Keeps window hashes, a line each in the order of ids. */
export async function writeSignatures(
  workspace: Workspace,
  signatures: ReadonlyMap<string, Uint32Array>,
): Promise<void> {
  const lines = [...signatures.keys()].sort().map(image => {
    const halves = signatures.get(image)!
    const bytes = Buffer.alloc(4 * halves.length)
    for (const [at, half] of halves.entries()) bytes.writeUInt32LE(half, 4 * at)
    return `${JSON.stringify({ image, hashes: bytes.toString('base64') })}\n`
  })
  await writeFileAtomically(workspace.files, pathOf(workspace), lines.join(''))
}
