import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DocumentRecord } from '../../../data/records/document.ts'
import {
  documentId,
  listDocuments,
  listRejected,
  readDocument,
  reject,
  writeDocument,
} from '../../../data/workspace/documents.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { newWorkspace, temporaryFolder } from '../stores/sample.ts'
import { faultyFiles, systemError } from './faulty-files.ts'

const bytes = Buffer.from('%PDF-1.7')
const record = (id: string): DocumentRecord => ({
  id,
  format: 'pdf',
  file: { name: 'scan.pdf', sha256: 'x', bytes: 8 },
  miner: { version: '1' },
  minedAt: '2020-05-11T00:00:00.000Z',
  pages: 1,
  figures: [],
  skipped: [],
})

async function documents(workspace: Workspace): Promise<DocumentRecord[]> {
  const found: DocumentRecord[] = []
  for await (const one of listDocuments(workspace)) found.push(one)
  return found
}

describe('the identity of a document', () => {
  test.each([
    [{ doi: '10.1101/2020.05.11.20097907', version: 2 }, '10.1101/2020.05.11.20097907v2'],
    [{ doi: '10.1101/2020.05.11.20097907v2', version: 2 }, '10.1101/2020.05.11.20097907v2'],
    [{ doi: 'https://doi.org/10.1101/ABC' }, '10.1101/abc'],
    [{ doi: ' doi: 10.1101/ABC ' }, '10.1101/abc'],
  ])('of %j is %s', (given, id) => {
    expect(documentId({ ...given, bytes })).toBe(id)
  })

  test('without a DOI is the hash of its bytes', () => {
    expect(documentId({ bytes })).toMatch(/^sha256-[0-9a-f]{32}$/)
    expect(documentId({ bytes })).toBe(documentId({ bytes: Buffer.from('%PDF-1.7') }))
    expect(documentId({ bytes })).not.toBe(documentId({ bytes: Buffer.from('%PDF-1.6') }))
  })
})

describe('a document', () => {
  test('is read as it was written, with its source beside it', async () => {
    const workspace = await newWorkspace()
    const source = join(await temporaryFolder(), 'My Scan.PDF')
    await writeFile(source, bytes)
    const written = await writeDocument(workspace, record('10.1101/x'), source)
    expect(written.file.stored).toBe('source.pdf')
    expect(await readDocument(workspace, '10.1101/x')).toEqual(written)
    expect(await readFile(join(workspace.paths.document('10.1101/x'), 'source.pdf'))).toEqual(bytes)
  })

  test('nobody wrote is undefined', async () => {
    expect(await readDocument(await newWorkspace(), 'x')).toBeUndefined()
  })

  test('whose copying fails is not there at all', async () => {
    const workspace = await newWorkspace({
      files: faultyFiles(operation => {
        if (operation === 'copy') throw systemError('ENOSPC')
      }),
    })
    await expect(writeDocument(workspace, record('x'), '/etc/hostname')).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    expect(await readDocument(workspace, 'x')).toBeUndefined()
    expect(await documents(workspace)).toEqual([])
  })

  test('is listed with the others; a folder without a record is passed over', async () => {
    const workspace = await newWorkspace()
    for (const id of ['b', 'a', '10.1101/c']) await writeDocument(workspace, record(id))
    await workspace.files.makeFolder(join(workspace.paths.documents, 'half'))
    expect((await documents(workspace)).map(one => one.id).sort()).toEqual(['10.1101/c', 'a', 'b'])
  })

  test('with a path for an id stays in its folder', async () => {
    const workspace = await newWorkspace()
    await writeDocument(workspace, record('../../evil'))
    expect((await readDocument(workspace, '../../evil'))!.id).toBe('../../evil')
    expect(await readdir(workspace.paths.documents)).toHaveLength(1)
  })
})

describe('a rejection', () => {
  test('keeps the reason, and the file where it is asked to', async () => {
    const workspace = await newWorkspace()
    const source = join(await temporaryFolder(), 'broken.pdf')
    await writeFile(source, 'junk')
    const { kept } = await reject(
      workspace,
      { name: source, code: 'pdf-broken', reason: 'pdf: broken.pdf: truncated' },
      { path: source },
    )
    expect(await listRejected(workspace)).toMatchObject([
      { name: 'broken.pdf', code: 'pdf-broken', reason: 'pdf: broken.pdf: truncated' },
    ])
    expect(await readFile(join(workspace.paths.rejected, kept!), 'utf8')).toBe('junk')
  })

  test('of a row names the row', async () => {
    const workspace = await newWorkspace()
    await reject(workspace, {
      name: 'a.csv',
      item: 'line 12',
      code: 'row-broken',
      reason: 'no flag',
      row: { image: 'x' },
    })
    expect(await listRejected(workspace)).toMatchObject([{ item: 'line 12', row: { image: 'x' } }])
  })

  test('list of a new workspace is empty', async () => {
    expect(await listRejected(await newWorkspace())).toEqual([])
  })
})
