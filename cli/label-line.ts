import { LesionloopError } from '../data/errors.ts'
import type { LabelLine } from '../data/records/mining.ts'
import type { Miner } from '../extractor/text/miner.ts'
import type { TextRow } from '../extractor/text/rows.ts'

/** One line of output: what the text says, in the order other programs rely on. */
export function labelLine(miner: Miner, row: TextRow): LabelLine {
  const line: LabelLine = { id: row.id, ...miner.mine(row.text, row.context) }
  if (row.targets) line.targets = miner.assertTargets(row.text, row.targets)
  return line
}

/** Waits where the reader is slower than we are. */
export function write(text: string): Promise<void> {
  const { stdout } = process
  if (stdout.write(text)) return Promise.resolve()
  return new Promise(resolve => {
    const done = () => {
      stdout.off('drain', done)
      stdout.off('error', done)
      resolve()
    }
    stdout.on('drain', done)
    stdout.on('error', done)
  })
}

export function fileError(error: unknown, file: string): unknown {
  const code = (error as { code?: string } | null)?.code
  if (code === 'ENOENT')
    return new LesionloopError('file-missing', `file: ${file}: does not exist; check its name`)
  if (code === 'EISDIR')
    return new LesionloopError(
      'file-missing',
      `file: ${file}: is a folder; give one file, or use lesionloop mine for folders`,
    )
  if (code === 'EACCES')
    return new LesionloopError('file-unreadable', `file: ${file}: may not be read; change its permissions`)
  return error
}
