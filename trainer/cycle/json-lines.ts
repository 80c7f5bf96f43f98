import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { LesionloopError } from '../../data/errors.ts'

/** Reads a file of one JSON value a line. @throws LesionloopError `file-missing`, `file-damaged` (with the line). */
export async function readJsonLines<T>(path: string): Promise<T[]> {
  if (!existsSync(path))
    throw new LesionloopError('file-missing', `file: ${path}: not found; check the path`, { path })
  const rows: T[] = []
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    number++
    if (line.trim() === '') continue
    try {
      rows.push(JSON.parse(line) as T)
    } catch (error) {
      throw new LesionloopError(
        'file-damaged',
        `file: ${path}: line ${number}: no JSON; make the file again`,
        { path, line: number },
        { cause: error },
      )
    }
  }
  return rows
}
