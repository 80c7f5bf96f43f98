import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LesionloopError } from '../../data/errors.ts'
import { importCsv } from '../../data/formats/csv-import.ts'
import { importJsonl } from '../../data/formats/jsonl-import.ts'
import { folderOf, picture, receiver } from '../data/formats/folder.ts'
import { times } from '../long.ts'

const numRuns = times(400, 15)
const FIELDS = ['image', 'flag', 'GGO', 'lesions', 'caption', 'document', 'figure', 'panel', 'page', 'side']
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    'a.png',
    '../a.png',
    '/etc/passwd',
    'positive',
    'present',
    '__proto__',
    'constructor',
    '=1+1',
    '',
  ),
)
const any = fc.oneof(value, fc.jsonValue({ maxDepth: 2 }))
const row = fc.dictionary(fc.constantFrom(...FIELDS), any, { maxKeys: 8 })
const bytes = fc.uint8Array({ maxLength: 500 }).map(part => Buffer.from(part))

const FORMATS = {
  csv: {
    run: importCsv,
    file: fc.oneof(
      bytes,
      fc
        .array(fc.array(value, { maxLength: 8 }), { maxLength: 8 })
        .map(rows =>
          Buffer.from(
            [FIELDS.join(','), ...rows.map(cells => cells.map(cell => JSON.stringify(cell)).join(','))].join(
              '\n',
            ),
          ),
        ),
    ),
  },
  jsonl: {
    run: importJsonl,
    file: fc.oneof(
      bytes,
      fc
        .array(
          fc.oneof(
            row.map(each => JSON.stringify(each)),
            value,
          ),
          { maxLength: 8 },
        )
        .map(rows => Buffer.from(rows.join('\n'))),
    ),
  },
}

describe.each(Object.entries(FORMATS))('an import of %s', (name, { run, file }) => {
  test('takes any file: each row comes in or is told, or the whole is refused in words', async () => {
    const image = await picture(1)
    const dir = folderOf({ 'a.png': image })
    const { workspace, options, cases } = await receiver()
    await fc.assert(
      fc.asyncProperty(file, async content => {
        const path = join(dir, `set.${name}`)
        await writeFile(path, content)
        const outcome = await run(workspace, path, options).catch((error: unknown) => error)
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(LesionloopError)
        // Nothing from outside the folder comes in.
        for (const { source } of cases()) expect(source.file).toMatch(/a\.png$/)
      }),
      { numRuns, seed: 9 },
    )
  })
})
