import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { writeDocument } from '../../../data/workspace/documents.ts'
import { storeImage } from '../../../data/workspace/images.ts'
import { type Client, smallWorkspace, startDesk } from './desk-under-test.ts'

const SCRIPT = '<script>alert(document.cookie)</script>'
const HTML_AND_PDF = `<!doctype html>${SCRIPT}<!--\n%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n-->`
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

const png = () =>
  sharp({ create: { width: 16, height: 16, channels: 3, background: '#777777' } })
    .png()
    .toBuffer()

async function upload(client: Client, name: string, content: string | Uint8Array) {
  const { id } = (await client.post('/api/uploads')).body
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  return await client.send('PUT', `/api/uploads/${id}/file?name=${encodeURIComponent(name)}`, bytes)
}

describe('a file of two kinds', () => {
  it.each([
    ['HTML that is a PDF too', 'x.html', HTML_AND_PDF, 201],
    ['a PDF that is named as a picture', 'x.png', '%PDF-1.7\n%%EOF', 201],
    ['a GIF that is a script', 'x.gif', 'GIF89a/*\u0001*/=1;alert(1);//', 415],
    ['the same named as a PNG', 'x.png', 'GIF89a/*\u0001*/=1;alert(1);//', 415],
    ['SVG', 'x.svg', SVG, 415],
    ['SVG named as a PNG', 'x.png', SVG, 415],
    ['HTML', 'x.html', `<!doctype html>${SCRIPT}`, 415],
    ['a script', 'x.js', 'alert(1)', 415],
    ['a PDF named as a table', 'x.csv', '%PDF-1.7\n%%EOF', 415],
    ['a zip named as a PDF', 'x.pdf', 'PK\u0003\u0004', 415],
  ])('%s is taken by its content or not at all', async (_what, name, content, status) => {
    const { owner } = await startDesk(await smallWorkspace())
    const answer = await upload(await owner(), name, content)
    expect(answer.status).toBe(status)
    // Whatever the name says, it is read as a PDF.
    if (status === 201) expect(answer.body.file.format).toBe('pdf')
  })

  it('is never served before it was mined', async () => {
    const desk = await startDesk(await smallWorkspace())
    const client = await desk.owner()
    const { id } = (await client.post('/api/uploads')).body
    await client.send('PUT', `/api/uploads/${id}/file?name=a.html`, Buffer.from(HTML_AND_PDF))
    expect(await readdir(join(desk.workspace.paths.staging, id))).toEqual(['a.html'])
    for (const path of [`/staging/${id}/a.html`, `/api/uploads/${id}/file`, `/api/uploads/${id}/a.html`]) {
      const { body } = await client.get(path)
      expect(JSON.stringify(body)).not.toContain('alert(document.cookie)')
    }
  })

  it('is shown as the PDF it was mined as, which no browser takes for a page', async () => {
    const workspace = await smallWorkspace()
    const id = 'sha256-0123'
    const record = {
      id,
      format: 'pdf' as const,
      file: {
        name: `a\r\nSet-Cookie: x=1"; filename=evil.html`,
        stored: 'source.html',
        sha256: '0'.repeat(64),
        bytes: 9,
      },
      miner: { version: 'test' },
      minedAt: '2026-01-01T00:00:00.000Z',
      pages: 1,
      figures: [],
      skipped: [],
    }
    await writeDocument(workspace, record)
    await writeFile(join(workspace.paths.document(id), 'source.html'), HTML_AND_PDF)
    const client = await (await startDesk(workspace)).owner()
    const { headers, status } = await client.get(`/api/document/source?id=${id}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/pdf')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(headers.get('content-disposition')).toMatch(/^inline; filename\*=UTF-8''[\w%.~!*-]+$/)
    expect(headers.get('set-cookie')).toBeNull()
  })

  it('of PNG and SVG is served as the PNG alone, though its own bytes are kept', async () => {
    const workspace = await smallWorkspace()
    const both = Buffer.concat([await png(), Buffer.from(SVG)])
    const { file } = await storeImage(workspace, both)
    const client = await (await startDesk(workspace)).owner()
    const { headers, status } = await client.get(`/images/${file}`)
    expect([status, headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  })
})

describe('a folder of pictures that holds something else', () => {
  it.each([
    ['0123456789abcdef0123456789abcdef.png', SVG],
    ['0123456789abcdef0123456789abcdef.jpg', `<!doctype html>${SCRIPT}`],
    ['0123456789abcdef0123456789abcdef.webp', 'RIFF....AVI LIST'],
  ])('serves nothing of %s', async (file, content) => {
    const workspace = await smallWorkspace()
    await writeFile(workspace.paths.image(file), content)
    const client = await (await startDesk(workspace)).owner()
    const { status, headers, body } = await client.get(`/images/${file}`)
    expect([status, headers.get('content-type')]).toEqual([415, 'application/json'])
    expect(JSON.stringify(body)).not.toMatch(/svg|alert|AVI/)
  })
})

describe('the limits of uploads', () => {
  const limits = { fileBytes: 1000, files: 2, batchBytes: 1500 }

  it.each([
    ['a file that is too large', ['%PDF-1.7'.padEnd(1001)], 'upload-too-large'],
    ['a batch that grows too large', ['%PDF-1.7'.padEnd(900), '%PDF-1.7'.padEnd(900)], 'upload-too-large'],
    ['too many files', ['%PDF-', '%PDF-', '%PDF-'], 'upload-too-many'],
  ])('keep out %s, and leave the files before it', async (_what, contents, code) => {
    const desk = await startDesk(await smallWorkspace(), { uploadLimits: limits })
    const client = await desk.owner()
    const { id } = (await client.post('/api/uploads')).body
    const answers = []
    for (const [index, content] of contents.entries())
      answers.push(
        await client.send('PUT', `/api/uploads/${id}/file?name=${index}.pdf`, Buffer.from(content)),
      )
    expect(answers.map(({ status }) => status)).toEqual([...contents.slice(1).map(() => 201), 413])
    expect(answers.at(-1)!.body.error.code).toBe(code)
    const files = await readdir(join(desk.workspace.paths.staging, id))
    expect(files).toHaveLength(contents.length - 1)
    for (const file of files)
      expect((await readFile(join(desk.workspace.paths.staging, id, file))).length).toBeLessThanOrEqual(1000)
  })
})
