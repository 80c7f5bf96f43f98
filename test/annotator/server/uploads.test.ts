import { readdir, readFile, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatOf, UPLOAD_LIMITS, Uploads } from '../../../annotator/server/uploads.ts'
import { temporaryWorkspace } from './temporary-workspace.ts'

async function* body(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}
const limits = (change: Partial<typeof UPLOAD_LIMITS>) => ({ ...UPLOAD_LIMITS, ...change })

describe('uploads', () => {
  it('puts the bytes down as they came', async () => {
    const uploads = await Uploads.open(await temporaryWorkspace())
    const { id } = await uploads.begin()
    const file = await uploads.add(id, 'paper.pdf', body('%PDF-1.7\n', 'rest'))
    expect(file).toEqual({ name: 'paper.pdf', bytes: 13, format: 'pdf' })
    expect(await readFile(uploads.paths(id)[0]!, 'utf8')).toBe('%PDF-1.7\nrest')
  })

  it('numbers a name that is there already', async () => {
    const uploads = await Uploads.open(await temporaryWorkspace())
    const { id } = await uploads.begin()
    const names = await Promise.all(
      ['x.pdf', './x.pdf', '/x.pdf'].map(async name => (await uploads.add(id, name, body('%PDF-1.4'))).name),
    )
    expect(names.sort()).toEqual(['x (2).pdf', 'x (3).pdf', 'x.pdf'])
  })

  it('keeps the place of a file in its folder, where the rows of a table find their pictures', async () => {
    const workspace = await temporaryWorkspace()
    const uploads = await Uploads.open(workspace)
    const { id } = await uploads.begin()
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0])
    const bodyOf = async function* () {
      yield png
    }
    await uploads.add(id, 'set/rows.csv', body('image,caption\n'))
    expect(await uploads.add(id, 'set/images/../images/a.png', bodyOf())).toMatchObject({
      name: 'set/images/images/a.png',
      format: 'image',
    })
    expect(uploads.paths(id)).toEqual([join(uploads.folder(id), 'set', 'rows.csv')])
    const again = await Uploads.open(workspace)
    expect(again.get(id).files.map(file => file.format)).toEqual(['image', 'csv'])
    await again.removeMined(['mine', ...again.paths(id)])
    expect(await readdir(workspace.paths.staging)).toEqual([])
  })

  it('hands DICOM slices on by themselves, and beside a table only the table, which names them', async () => {
    const uploads = await Uploads.open(await temporaryWorkspace())
    const { id } = await uploads.begin()
    const slice = () => body(new Uint8Array(128), 'DICM', new Uint8Array(8))
    expect(await uploads.add(id, 'a.dcm', slice())).toMatchObject({ format: 'image' })
    await uploads.add(id, 'paper.pdf', body('%PDF-1.4'))
    expect(uploads.paths(id).map(path => basename(path))).toEqual(['a.dcm', 'paper.pdf'])
    await uploads.add(id, 'rows.csv', body('image,caption\n'))
    expect(uploads.paths(id).map(path => basename(path))).toEqual(['paper.pdf', 'rows.csv'])
  })

  it('never leaves the batch, whatever the name says', async () => {
    const workspace = await temporaryWorkspace()
    const uploads = await Uploads.open(workspace)
    const { id } = await uploads.begin()
    await uploads.add(id, '../../../escaped.pdf', body('%PDF-1.4'))
    expect(await readdir(uploads.folder(id))).toEqual(['escaped.pdf'])
    expect(await readdir(workspace.dir)).not.toContain('escaped.pdf')
  })

  it.each([
    ['text named .pdf', 'notes.pdf', 'just words', 'upload-type'],
    ['a PDF named .csv', 'table.csv', '%PDF-1.7', 'upload-type'],
    ['a binary named .jsonl', 'rows.jsonl', '{"a":1}\u0000', 'upload-type'],
    ['a program', 'run.exe', 'MZ\u0090\u0000', 'upload-type'],
    ['a picture that is a program', 'x.svg', '<svg onload="x()"/>', 'upload-type'],
    ['0 bytes', 'empty.pdf', '', 'upload-empty'],
  ])('refuses %s and leaves nothing of it', async (_what, name, content, code) => {
    const uploads = await Uploads.open(await temporaryWorkspace())
    const { id } = await uploads.begin()
    await expect(uploads.add(id, name, body(content))).rejects.toMatchObject({ code })
    expect(await readdir(uploads.folder(id))).toEqual([])
    expect(uploads.get(id).files).toEqual([])
  })

  it('stops at the size limit, reads at most as much again, and takes the half file away', async () => {
    const uploads = await Uploads.open(await temporaryWorkspace(), limits({ fileBytes: 20 }))
    const { id } = await uploads.begin()
    let sent = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent++
        yield Buffer.from('%PDF-1.7 ')
      }
    }
    await expect(uploads.add(id, 'big.pdf', endless())).rejects.toMatchObject({ code: 'upload-too-large' })
    expect(sent).toBe(6)
    expect(await readdir(uploads.folder(id))).toEqual([])
  })

  it('counts all files of a batch against its limits', async () => {
    const uploads = await Uploads.open(await temporaryWorkspace(), limits({ batchBytes: 20, files: 2 }))
    const { id } = await uploads.begin()
    await uploads.add(id, 'a.csv', body('0123456789'))
    await expect(uploads.add(id, 'b.csv', body('0123456789+'))).rejects.toMatchObject({
      code: 'upload-too-large',
    })
    await uploads.add(id, 'c.csv', body('0123456789'))
    await expect(uploads.add(id, 'd.csv', body('0'))).rejects.toMatchObject({ code: 'upload-too-many' })
  })

  it('leaves nothing where the client goes away in the middle', async () => {
    const uploads = await Uploads.open(await temporaryWorkspace())
    const { id } = await uploads.begin()
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('%PDF-1.7')
      throw new Error('connection lost')
    }
    await expect(uploads.add(id, 'a.pdf', broken())).rejects.toThrow('connection lost')
    expect(await readdir(uploads.folder(id))).toEqual([])
  })

  it.each(['../labels', '..', '', 'f'.repeat(23), 'F'.repeat(24), '__proto__'])(
    'knows no batch named %j',
    async id => {
      const uploads = await Uploads.open(await temporaryWorkspace())
      expect(() => uploads.get(id)).toThrow(/no such batch/)
      await expect(uploads.remove(id)).rejects.toMatchObject({ code: 'upload-unknown' })
    },
  )

  it('takes its batches up after a restart, without the half files', async () => {
    const workspace = await temporaryWorkspace()
    const before = await Uploads.open(workspace)
    const { id } = await before.begin()
    await before.add(id, 'a.pdf', body('%PDF-1.7'))
    const half = await workspace.files.open(join(before.folder(id), '.abc.part'), 'wx')
    await half.close()
    const after = await Uploads.open(workspace)
    expect(after.get(id).files).toEqual([{ name: 'a.pdf', bytes: 8, format: 'pdf' }])
    expect(await readdir(after.folder(id))).toEqual(['a.pdf'])
  })

  it('forgets a batch that nobody mined for a week', async () => {
    const workspace = await temporaryWorkspace()
    const before = await Uploads.open(workspace)
    const { id } = await before.begin()
    const old = new Date(Date.now() - 8 * 86_400_000)
    await utimes(before.folder(id), old, old)
    const after = await Uploads.open(workspace)
    expect(() => after.get(id)).toThrow(/no such batch/)
    expect(await readdir(workspace.paths.staging)).toEqual([])
  })

  it('tells a PDF whose mark does not stand at the very beginning', () => {
    expect(formatOf('a.pdf', Buffer.from(`${' '.repeat(500)}%PDF-1.4`))).toBe('pdf')
  })
})
