import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { LesionloopError } from '../errors.ts'
import { LESIONS, type Side } from '../records/vocabulary.ts'
import type { Workspace } from '../workspace/open.ts'
import type { ClassLabel, ImportOptions, ImportResult } from './import-result.ts'
import { jsonLines } from './jsonl-import.ts'
import { importRows, type RawRow } from './row-import.ts'

/** Folder names that need no explanation; every other is explained with `--with`. */
export const KNOWN_CLASSES: Readonly<Record<string, ClassLabel>> = {
  ...Object.fromEntries(
    ['covid', 'covid-19', 'covid19', 'ct_covid', 'positive'].map(name => [
      name,
      { flag: 'positive', lesions: [] },
    ]),
  ),
  ...Object.fromEntries(
    ['noncovid', 'non-covid', 'ct_noncovid', 'negative', 'normal'].map(name => [
      name,
      { flag: 'negative', lesions: [] },
    ]),
  ),
}
const SIDE_FOLDERS: Record<string, Side> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
}

/**
 * Reads `ct_covid=positive,ggo=positive+GGO` as class folders and what they stand for; names are compared without case.
 * @throws LesionloopError `usage`.
 */
export function classesOf(text: string): Record<string, ClassLabel> {
  return Object.fromEntries(
    text.split(',').map(part => {
      const [name = '', said = ''] = part.split('=').map(each => each.trim())
      const [flag, ...lesions] = said.split('+').map(each => each.trim())
      const known = lesions.map(word => LESIONS.find(each => each.toLowerCase() === word.toLowerCase()))
      if (name === '' || (flag !== 'positive' && flag !== 'negative') || known.includes(undefined))
        throw new LesionloopError(
          'usage',
          `import: --with: ${part}: expected FOLDER=positive or FOLDER=negative, with +${LESIONS.join(', +')} where the folder says so`,
        )
      return [name.toLowerCase(), { flag, lesions: known.filter(each => each !== undefined) }]
    }),
  )
}

/**
 * A folder of pictures by class (`COVID/a.png`), below a folder a side where there is one (`train/COVID/a.png`), or a
 * Hugging Face imagefolder whose folders hold a metadata.jsonl. What lies in a folder nobody explained is left out and
 * listed.
 */
export async function importFolder(
  workspace: Workspace,
  path: string,
  options: ImportOptions,
): Promise<ImportResult> {
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new LesionloopError('file-missing', `folder: ${path}: no such folder; check the path`, { path })
  const folder = resolve(path)
  const classes = { ...KNOWN_CLASSES, ...options.classes }
  return await importRows(workspace, 'folder', folder, rowsOf(folder, classes), options, {
    folder,
    dataset: basename(folder),
  })
}

async function* rowsOf(
  folder: string,
  classes: Readonly<Record<string, ClassLabel>>,
): AsyncGenerator<RawRow> {
  let line = 0
  // Places are walked in the order of their names, so that the same folder gives the same cases.
  const walk = async function* (parts: string[], side: Side | null): AsyncGenerator<RawRow> {
    const here = join(folder, ...parts)
    if (existsSync(join(here, 'metadata.jsonl'))) {
      for await (const row of jsonLines(join(here, 'metadata.jsonl'))) {
        const content = row.content as Record<string, unknown> | undefined
        yield {
          ...row,
          line: ++line,
          ...(content
            ? { content: { side, ...content, image: [...parts, content['file_name']].join('/') } }
            : {}),
        }
      }
      return
    }
    const entries = (await readdir(here, { withFileTypes: true }))
      .filter(entry => !entry.name.startsWith('.'))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
    for (const entry of entries) {
      const inside = [...parts, entry.name]
      if (entry.isDirectory()) yield* walk(inside, side ?? SIDE_FOLDERS[entry.name.toLowerCase()] ?? null)
      else if (parts.length > 0) yield { line: ++line, ...labelled(inside, side) }
    }
  }
  const labelled = (inside: string[], side: Side | null): Pick<RawRow, 'content' | 'fault'> => {
    const names = inside.slice(0, -1)
    const found = names.map(name => classes[name.toLowerCase()]).find(each => each !== undefined)
    const image = inside.join('/')
    if (!found)
      return {
        fault: `${image}: the folder ${names.at(-1)} stands for no label; explain it with --with ${names.at(-1)}=positive (or =negative, or =positive+GGO)`,
      }
    return {
      content: {
        image,
        side,
        flag: found.flag,
        ...Object.fromEntries(found.lesions.map(lesion => [lesion, 'present'])),
      },
    }
  }
  yield* walk([], null)
}
