import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { LesionloopError, messageOf } from '../../data/errors.ts'

/** What one article's package may hold, unpacked: PMC's largest stay far below. */
const MOST_BYTES = 512 << 20
const MOST_FILES = 2000
const LARGEST_FILE = 128 << 20

/** An article's XML and the files beside it, by name without folders. */
export interface ArticlePackage {
  xml: { name: string; bytes: Uint8Array }
  /** Names of the files beside it. */
  names: string[]
  read(name: string): Promise<Uint8Array>
  /** What was refused in it, in words. */
  refused: string[]
}

const isArticle = (name: string) => /\.(nxml|xml)$/i.test(name)

/** An article's XML with the files of its folder. */
export async function articleInFolder(path: string): Promise<ArticlePackage> {
  const folder = dirname(path)
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => entry.name)
  return {
    xml: { name: basename(path), bytes: await readFile(path) },
    names: names.sort(),
    read: async name => {
      const file = join(folder, basename(name))
      if ((await stat(file)).size > LARGEST_FILE) throw tooLarge(basename(path), name)
      return await readFile(file)
    },
    refused: [],
  }
}

/**
 * An article's .tar.gz as PMC's open-access subset gives it. Unpacked in memory only: nothing in it can be written
 * outside a folder; links, devices and names that climb are refused and told.
 * @throws LesionloopError `package-damaged`, `package-limits`, `package-no-article`, `package-many`.
 */
export async function articleInArchive(bytes: Uint8Array, name: string): Promise<ArticlePackage> {
  const files = new Map<string, Uint8Array>()
  const refused: string[] = []
  const unpack = extract()
  let total = 0
  let entries = 0
  const source = Readable.from([bytes])
  const unzip = createGunzip()
  const pass = (error: Error) => unpack.destroy(error)
  source.on('error', pass)
  unzip.on('error', pass)
  source.pipe(unzip).pipe(unpack)
  try {
    for await (const entry of unpack) {
      const { header } = entry
      if (++entries > MOST_FILES) throw limits(name, `more than ${MOST_FILES} files`)
      const parts = header.name.split(/[\\/]/)
      const fault =
        header.type === 'directory'
          ? 'folder'
          : header.type !== 'file' && header.type !== 'contiguous-file'
            ? `a ${header.type}`
            : parts.includes('..') || /^([\\/]|[a-z]:)/i.test(header.name)
              ? 'a name that leaves its folder'
              : undefined
      if (fault) {
        if (fault !== 'folder') refused.push(`${header.name}: ${fault}, not taken`)
        entry.resume()
        continue
      }
      if ((header.size ?? 0) > LARGEST_FILE) throw tooLarge(name, header.name)
      const chunks: Buffer[] = []
      // Counted as it comes: what a header says of a size is not believed.
      for await (const chunk of entry) {
        total += (chunk as Buffer).length
        if (total > MOST_BYTES) throw limits(name, `more than ${MOST_BYTES / 2 ** 20} MB unpacked`)
        chunks.push(chunk as Buffer)
      }
      files.set(parts.at(-1)!, Buffer.concat(chunks))
    }
  } catch (error) {
    if (error instanceof LesionloopError) throw error
    throw new LesionloopError(
      'package-damaged',
      `package: ${name}: can't be unpacked (${messageOf(error)}); fetch it again`,
      {},
      { cause: error },
    )
  } finally {
    source.destroy()
    unzip.destroy()
  }
  const articles = [...files.keys()].filter(isArticle)
  const article = articles.find(each => /\.nxml$/i.test(each)) ?? articles[0]
  if (article === undefined)
    throw new LesionloopError(
      'package-no-article',
      `package: ${name}: no .nxml or .xml among its ${files.size} files; give an article's package, or its PDF`,
    )
  if (articles.filter(each => /\.nxml$/i.test(each)).length > 1)
    throw new LesionloopError(
      'package-many',
      `package: ${name}: ${articles.length} articles in it; unpack it, and mine the folder of each`,
    )
  return {
    xml: { name: article, bytes: files.get(article)! },
    names: [...files.keys()].sort(),
    read: async file => files.get(file)!,
    refused,
  }
}

const limits = (name: string, fault: string) =>
  new LesionloopError('package-limits', `package: ${name}: ${fault}: no article is like this; leave it out`)

const tooLarge = (name: string, file: string) =>
  limits(name, `${file} has more than ${LARGEST_FILE / 2 ** 20} MB`)

const ENDINGS = ['.jpg', '.jpeg', '.png', '.gif', '.tif', '.tiff', '.webp']

/**
 * The file that a `graphic` names: as it says, or with an ending of a picture where it gives none or another (a TIFF is
 * handed out as JPEG). The largest kind first: a GIF of the same name is often a thumbnail.
 */
export function pictureFile(href: string, names: readonly string[]): string | undefined {
  const wanted = basename(href.split(/[?#]/)[0]!.replaceAll('\\', '/')).toLowerCase()
  const byName = new Map(names.map(name => [name.toLowerCase(), name]))
  if (byName.has(wanted) && ENDINGS.some(ending => wanted.endsWith(ending))) return byName.get(wanted)
  const stem = ENDINGS.some(ending => wanted.endsWith(ending))
    ? wanted.slice(0, wanted.lastIndexOf('.'))
    : wanted
  for (const ending of ENDINGS) {
    const found = byName.get(`${stem}${ending}`)
    if (found) return found
  }
  return undefined
}
