import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import type { SkippedPage } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { PdfDocument } from '../pdf/document.ts'
import type { Graphic } from '../pdf/graphics.ts'
import { quartersOf, type ReadingPage, readingPage } from '../pdf/turned.ts'
import { type Caption, captionsOf } from './captions.ts'
import { type Cluster, clustersOf, withoutRepeated } from './clusters.ts'
import { bodyStyle, layoutOf, type PageText } from './layout.ts'
import { type Pairing, pairPage } from './pairing.ts'
import { Vocabulary } from './prose.ts'
import { settle } from './settle.ts'

/** What the text and the graphics of a document say of its figures, before any pixel is looked at. */
export interface DocumentFigures {
  pages: PageText[]
  pairings: Pairing[]
  skipped: SkippedPage[]
  /** A page in the frame that all regions here are in: turned, where its text is shown sideways. */
  page(number: number): Promise<ReadingPage>
}

/** Fewer characters on a page than this, on average, is no text layer. */
const FEW_CHARACTERS = 20

/**
 * Finds the figures of a document: captions in its text, and the graphics that belong to each. Pages without a figure's
 * caption cost their text only, unless a caption is left without its picture.
 * @throws LesionloopError `pdf-no-text` where the document is only scanned pictures.
 */
export async function figuresOf(document: PdfDocument, options: RunOptions = {}): Promise<DocumentFigures> {
  const skipped: SkippedPage[] = []
  const { read, page } = await textOf(document, skipped, options)
  const pages = layoutOf(read)
  const characters = pages.reduce((sum, page) => sum + page.characters, 0)
  if (pages.length > 0 && characters < FEW_CHARACTERS * pages.length)
    throw new LesionloopError(
      'pdf-no-text',
      `pdf: ${document.name}: ${characters} characters on ${pages.length} pages: no text layer; run it through OCR first`,
      { pages: pages.length, characters },
    )
  for (const empty of pages)
    if (empty.characters === 0)
      skipped.push({
        page: empty.page,
        reason: 'no text on this page: a picture alone, or a scan that needs OCR',
      })
  const vocabulary = new Vocabulary()
  for (const { lines } of pages) for (const line of lines) vocabulary.add(line.text)
  const captions = captionsOf(pages, bodyStyle(pages), vocabulary)

  const graphics = new Graphics(document.name, page, pages, skipped, options)
  const withCaptions = pages.filter(text => captions.some(c => c.page === text.page && c.kind === 'figure'))
  await graphics.load(withCaptions.map(text => text.page))
  const { pairings, orphans } = pairAll(withCaptions, captions, graphics)
  const settled = await settle(pairings, orphans, pages, captions, graphics)
  return { pages, pairings: settled, skipped: skipped.sort((a, b) => a.page - b.page), page }
}

async function textOf(document: PdfDocument, skipped: SkippedPage[], { signal, onProgress }: RunOptions) {
  const read: Parameters<typeof layoutOf>[0] = []
  const quarters = new Map<number, number>()
  for (let number = 1; number <= document.pages; number++) {
    signal?.throwIfAborted()
    onProgress?.({ step: 'reading text', done: number, total: document.pages, detail: document.name })
    try {
      const shown = await document.page(number)
      const turned = quartersOf(await shown.text())
      quarters.set(number, turned)
      const page = readingPage(shown, turned)
      read.push({ page: number, width: page.width, height: page.height, items: await page.text() })
      page.release()
    } catch (error) {
      if (codeOf(error) === 'cancelled') throw error
      skipped.push({ page: number, reason: `can't be read: ${messageOf(error)}` })
    }
  }
  return {
    read,
    page: async (number: number) => readingPage(await document.page(number), quarters.get(number) ?? 0),
  }
}

/** The graphics of the pages asked for, each walked once. */
class Graphics {
  readonly #raw = new Map<number, Graphic[]>()
  #clusters = new Map<number, Cluster[]>()
  readonly #name: string
  readonly #page: (number: number) => Promise<ReadingPage>
  readonly #pages: Map<number, PageText>
  readonly #skipped: SkippedPage[]
  readonly #options: RunOptions

  constructor(
    name: string,
    page: (number: number) => Promise<ReadingPage>,
    pages: PageText[],
    skipped: SkippedPage[],
    options: RunOptions,
  ) {
    this.#name = name
    this.#page = page
    this.#pages = new Map(pages.map(page => [page.page, page]))
    this.#skipped = skipped
    this.#options = options
  }

  async load(numbers: number[]) {
    for (const number of numbers) {
      this.#options.signal?.throwIfAborted()
      if (this.#raw.has(number) || !this.#pages.has(number)) continue
      this.#options.onProgress?.({
        step: 'reading pictures',
        done: this.#raw.size,
        total: null,
        detail: `${this.#name}, page ${number}`,
      })
      try {
        const page = await this.#page(number)
        this.#raw.set(number, await page.graphics())
      } catch (error) {
        this.#raw.set(number, [])
        this.#skipped.push({ page: number, reason: `its pictures can't be read: ${messageOf(error)}` })
      }
    }
    const kept = withoutRepeated(this.#raw, this.#pages)
    this.#clusters = new Map(
      [...kept].map(([number, graphics]) => [number, clustersOf(graphics, this.#pages.get(number)!)]),
    )
  }

  clusters(page: number): Cluster[] {
    return this.#clusters.get(page) ?? []
  }

  has(page: number): boolean {
    return this.#raw.has(page)
  }
}

/** Pairs page by page; the side on which most captions of the document stand breaks ties of single pages. */
function pairAll(pages: PageText[], captions: Caption[], graphics: Graphics) {
  const on = (page: PageText) => captions.filter(caption => caption.page === page.page)
  const first = pages.map(page => pairPage(on(page), graphics.clusters(page.page), page))
  const below = first.filter(result => result.side === 'below').length
  const usual = below > first.length / 2 ? 'below' : 'above'
  const results =
    usual === 'above'
      ? first
      : pages.map(page => pairPage(on(page), graphics.clusters(page.page), page, usual))
  return {
    pairings: results.flatMap(result => result.pairings).filter(pairing => pairing.caption.kind === 'figure'),
    orphans: new Map(pages.map((page, i) => [page.page, results[i]!.orphans])),
  }
}
