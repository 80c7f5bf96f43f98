import { createReadStream, existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeAll } from '../workspace/files.ts'
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

/** Puts window hashes down, a line each. A line that a killed run left half written is ended first: it costs only itself. */
export async function appendSignatures(
  workspace: Workspace,
  signatures: ReadonlyMap<string, Uint32Array>,
  images: readonly string[],
): Promise<void> {
  if (images.length === 0) return
  const lines = images.map(image => {
    const halves = signatures.get(image)!
    const bytes = Buffer.alloc(4 * halves.length)
    for (const [at, half] of halves.entries()) bytes.writeUInt32LE(half, 4 * at)
    return `${JSON.stringify({ image, hashes: bytes.toString('base64') })}\n`
  })
  const path = pathOf(workspace)
  await workspace.files.makeFolder(dirname(path))
  const file = await workspace.files.open(path, 'a')
  try {
    await writeAll(
      file,
      Buffer.from(`${existsSync(path) && !(await endsInLine(path)) ? '\n' : ''}${lines.join('')}`),
    )
  } finally {
    await file.close()
  }
}

async function endsInLine(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size === 0) return true
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] === 10
  } finally {
    await file.close()
  }
}
