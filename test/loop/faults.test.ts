import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PDFDocument from 'pdfkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { runCli } from '../cli/run-cli.ts'

const DEMO = packagePath('data', 'demo', 'corpus')

/** Every input fault keeps a place of its own: it gets its line, the rest goes through, nothing is half-written. */
describe('faulty input', () => {
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'lesionloop-faults-'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const encrypted = (path: string) =>
    new Promise<void>(resolve => {
      const pdf = new PDFDocument({ userPassword: 'secret', ownerPassword: 'owner' })
      const chunks: Buffer[] = []
      pdf.on('data', chunk => chunks.push(chunk as Buffer))
      pdf.on('end', () => {
        writeFileSync(path, Buffer.concat(chunks))
        resolve()
      })
      pdf.text('Figure 1. Ground-glass opacity.')
      pdf.end()
    })

  /** Files a killed or failed write would leave behind. */
  const halves = (folder: string) =>
    (readdirSync(folder, { recursive: true }) as string[]).filter(name => /\.(tmp|half)\b|\.tmp-/.test(name))

  test('a truncated, an encrypted, a false and an empty PDF are each named, and the sound one is mined', async () => {
    const papers = join(dir, 'papers')
    const workspace = join(dir, 'mined')
    mkdirSync(papers)
    copyFileSync(join(DEMO, 'avocet.pdf'), join(papers, 'sound.pdf'))
    const bytes = readFileSync(join(DEMO, 'heron.pdf'))
    writeFileSync(join(papers, 'truncated.pdf'), bytes.subarray(0, Math.floor(bytes.length / 3)))
    await encrypted(join(papers, 'encrypted.pdf'))
    writeFileSync(join(papers, 'notes.pdf'), 'These are my notes, not a PDF.\n')
    writeFileSync(join(papers, 'empty.pdf'), '')

    const { status, out, err } = await runCli(['mine', papers, '--workspace', workspace, '--json'])
    expect(status).toBe(1)
    const result = JSON.parse(out) as {
      mined: number
      cases: number
      rejected: { file: string; message: string }[]
    }
    const why = Object.fromEntries(result.rejected.map(({ file, message }) => [file, message]))
    expect(why['encrypted.pdf']).toMatch(/encrypted.*password/)
    expect(why['notes.pdf']).toMatch(/not a PDF/)
    expect(why['empty.pdf']).toMatch(/empty|0 bytes/)
    // What a reader can still make of a truncated file it may; silently losing it, it may not.
    expect(why['truncated.pdf']).toMatch(/truncated|damaged|broken|cut off/)
    for (const name of Object.keys(why)) expect(err).toContain(name)
    expect(result.mined).toBe(1)
    expect(result.cases).toBeGreaterThan(0)
    expect(halves(workspace)).toEqual([])
    const { out: stats } = await runCli(['stats', '--workspace', workspace, '--json'])
    expect(JSON.parse(stats).cases).toBe(result.cases)
  })

  test('a picture of no bytes is named and left out of an import, and the other rows go through', async () => {
    const set = join(dir, 'set')
    const workspace = join(dir, 'imported')
    mkdirSync(set)
    const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } })
      .png()
      .toBuffer()
    writeFileSync(join(set, 'good.png'), picture)
    writeFileSync(join(set, 'empty.png'), '')
    const caption = `Ground-glass opacity. ${'word '.repeat(210_000)}`
    const rows = [
      { image: 'good.png', flag: 'positive', lesions: { GGO: 'present' }, caption },
      { image: 'empty.png', flag: 'negative', caption: 'normal' },
    ]
    writeFileSync(
      join(set, 'rows.jsonl'),
      `${rows.map(row => JSON.stringify(row)).join('\n')}\n{"image": broken\n`,
    )
    const { status, out, err } = await runCli([
      'import',
      'jsonl',
      join(set, 'rows.jsonl'),
      '--workspace',
      workspace,
      '--json',
    ])
    expect(status).toBe(1)
    const result = JSON.parse(out) as { imported: number; rejected: unknown[] }
    expect(result.imported).toBe(1)
    expect(result.rejected).toHaveLength(2)
    expect(err).toMatch(/empty\.png/)
    expect(err).toMatch(/line 3/)
    expect(existsSync(join(workspace, 'rejected', 'rejected.jsonl'))).toBe(true)
    expect(halves(workspace)).toEqual([])
  })

  test('a CSV with a missing column is refused with the column and those found, and makes no case', async () => {
    const file = join(dir, 'table.csv')
    const workspace = join(dir, 'refused')
    writeFileSync(file, 'picture,flag\na.png,positive\n')
    const { status, err } = await runCli(['import', 'csv', file, '--workspace', workspace])
    expect(status).toBe(1)
    expect(err).toMatch(/image/)
    expect(err).toMatch(/found "picture", "flag"/)
    const { out } = await runCli(['stats', '--workspace', workspace, '--json'])
    if (existsSync(join(workspace, 'workspace.json'))) expect(JSON.parse(out).cases).toBe(0)
  })

  test('a caption of a megabyte is read to its end, its last finding included', async () => {
    const text = `${'The scan was repeated after a week. '.repeat(30_000)}Bilateral consolidation without crazy paving.`
    expect(text.length).toBeGreaterThan(1_000_000)
    const { status, out } = await runCli(['label', '-'], {
      input: `${JSON.stringify({ id: 'long', text })}\n`,
    })
    expect(status).toBe(0)
    const line = JSON.parse(out)
    expect(line.findings).toMatchObject({ Csld: 'present', CrPa: 'absent', GGO: 'none' })
    expect(text.slice(line.mentions[0].start, line.mentions[0].end)).toBe('consolidation')
  })

  test('a broken line among texts is named by its number, and the lines around it are labelled', async () => {
    const input =
      '{"id":"a","text":"Ground-glass opacity."}\n{"id":"b","text":\n{"id":"c","text":"No consolidation."}\n'
    const { status, out, err } = await runCli(['label', '-'], { input })
    expect(status).toBe(1)
    expect(
      out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).id),
    ).toEqual(['a', 'c'])
    expect(err).toMatch(/line 2/)
  })
})
