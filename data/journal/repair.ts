import { basename, dirname, join } from 'node:path'
import { type FileOperations, writeFileAtomically } from '../workspace/files.ts'
import { encodeLine } from './line.ts'
import type { Damage, Replay } from './replay.ts'

/** What was wrong with the journal and what was done, in words. */
export interface JournalProblem {
  code: 'journal-torn' | 'journal-damaged' | 'journal-missing'
  message: string
}

/**
 * Makes a journal sound again. What can't be read is put aside first, byte for byte, into damaged-….jsonl beside it
 * (a JSON line each: offset, reason, base64); then the torn end is cut off, and lines damaged in the middle are
 * replaced by a line that says which sequence numbers are lost. Good lines stay as they are, byte for byte.
 */
export async function repair(
  files: FileOperations,
  path: string,
  bytes: Buffer,
  found: Replay,
  now: Date = new Date(),
): Promise<JournalProblem[]> {
  const bad = [...found.damaged, ...(found.torn ? [found.torn] : [])]
  if (bad.length === 0 && found.missing.length === 0) return []
  const aside = `damaged-${now.toISOString().replace(/[:.]/g, '-')}.jsonl`
  if (bad.length > 0)
    await writeFileAtomically(files, join(dirname(path), aside), bad.map(line(bytes)).join(''))
  if (found.damaged.length === 0 && found.missing.length === 0) await cut(files, path, found.end)
  else await writeFileAtomically(files, path, Buffer.concat(sound(bytes, found, aside, now)))
  return problems(path, found, aside)
}

const line = (bytes: Buffer) => (damage: Damage) =>
  `${JSON.stringify({ ...damage, base64: bytes.subarray(damage.offset, damage.offset + damage.length).toString('base64') })}\n`

async function cut(files: FileOperations, path: string, end: number): Promise<void> {
  const file = await files.open(path, 'r+')
  try {
    await file.truncate(end)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The good parts of the journal, with gap lines where numbers are missing. */
function sound(bytes: Buffer, found: Replay, aside: string, now: Date): Buffer[] {
  const parts: Buffer[] = []
  const gaps = new Map(found.missing.map(gap => [gap.offset, gap]))
  const stops = [...found.damaged.map(damage => damage.offset), ...gaps.keys(), found.end].sort(
    (a, b) => a - b,
  )
  const dropped = new Map(found.damaged.map(damage => [damage.offset, damage]))
  let at = 0
  for (const stop of stops) {
    if (stop > at) parts.push(bytes.subarray(at, stop))
    const gap = gaps.get(stop)
    if (gap) parts.push(encodeLine({ gap: { from: gap.from, to: gap.to, aside, at: now.toISOString() } }))
    const damage = dropped.get(stop)
    at = damage ? stop + damage.length + 1 : Math.max(at, stop)
  }
  return parts
}

function problems(path: string, found: Replay, aside: string): JournalProblem[] {
  const name = basename(path)
  const told: JournalProblem[] = found.damaged.map(damage => ({
    code: 'journal-damaged',
    message: `journal: ${name}: line at byte ${damage.offset}: ${damage.reason}; put aside in labels/${aside}, the rest is kept`,
  }))
  for (const { from, to } of found.missing)
    told.push({
      code: 'journal-missing',
      message: `journal: ${name}: ${from === to ? `act ${from} is` : `acts ${from} to ${to} are`} missing; the acts after it are kept; look for a backup of labels/${name}`,
    })
  if (found.torn)
    told.push({
      code: 'journal-torn',
      message: `journal: ${name}: the last line (byte ${found.torn.offset}) was not written to its end and is dropped: it was never confirmed; its bytes are in labels/${aside}`,
    })
  return told
}
