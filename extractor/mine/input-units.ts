import { open } from 'node:fs/promises'
import { basename, dirname, extname } from 'node:path'
import { isDicom } from '../../data/dicom/signature.ts'
import { isXml } from '../jats/decode.ts'

/** Files that are mined together as one thing. */
export interface InputUnit {
  /** The file that stands for it; of DICOM slices, the first of their folder. */
  path: string
  kind: 'pdf' | 'article' | 'package' | 'table' | 'text' | 'slices'
  /** Of a PDF: the same article's XML. */
  article?: string
  /** DICOM files of one folder. */
  slices?: string[]
}

const TABLES = new Set(['.jsonl', '.ndjson', '.csv', '.tsv'])
export const isPackage = (path: string) => /\.(tar\.gz|tgz)$/i.test(path)
const isArticle = (path: string) => /\.(xml|nxml)$/i.test(path)
const stemOf = (path: string) => basename(path, extname(path)).toLowerCase()

/**
 * What is mined as one: a PDF with its article's XML (of the same name, or the only two of their folder), the DICOM
 * slices of a folder, any other file by itself. What a file without a known ending is, its first bytes say.
 */
export async function inputUnits(files: readonly string[]): Promise<InputUnit[]> {
  const folders = new Map<string, string[]>()
  for (const path of files) folders.set(dirname(path), [...(folders.get(dirname(path)) ?? []), path])
  const units: InputUnit[] = []
  for (const own of folders.values()) {
    const slices: string[] = []
    const articles = own.filter(isArticle)
    const pdfs = own.filter(path => extname(path).toLowerCase() === '.pdf')
    const partnerOf = (pdf: string) =>
      articles.find(path => stemOf(path) === stemOf(pdf)) ??
      (articles.length === 1 && pdfs.length === 1 ? articles[0] : undefined)
    const paired = new Map(pdfs.flatMap(pdf => [[pdf, partnerOf(pdf)] as const]))
    const taken = new Set(paired.values())
    for (const path of own) {
      const ending = extname(path).toLowerCase()
      const article = paired.get(path)
      if (taken.has(path)) continue
      if (ending === '.dcm' || (ending !== '.pdf' && isDicom(await headOf(path)))) slices.push(path)
      else if (isPackage(path)) units.push({ path, kind: 'package' })
      else if (isArticle(path)) units.push({ path, kind: 'article' })
      else if (TABLES.has(ending)) units.push({ path, kind: 'table' })
      else if (ending === '.txt') units.push({ path, kind: 'text' })
      else units.push({ path, kind: 'pdf', ...(article ? { article } : {}) })
    }
    const [first] = slices
    if (first) units.push({ path: first, kind: 'slices', slices: slices.sort() })
  }
  // In the order of the files given.
  const place = new Map(files.map((path, at) => [path, at]))
  return units.sort((one, other) => place.get(one.path)! - place.get(other.path)!)
}

/** Whether a file met in a folder is one of ours, where its ending alone does not say. */
export async function isOurs(path: string): Promise<boolean> {
  const ending = extname(path).toLowerCase()
  if (ending !== '' && ending !== '.xml') return false
  const head = await headOf(path)
  if (ending === '') return isDicom(head)
  return isXml(head) && /<(?:[\w-]+:)?article[\s>]|<pmc-articleset/.test(Buffer.from(head).toString('latin1'))
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return new Uint8Array()
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, 0)
    return buffer.subarray(0, bytesRead)
  } catch {
    // A folder named outright, a device: what mines it says what is wrong.
    return new Uint8Array()
  } finally {
    await file.close()
  }
}
