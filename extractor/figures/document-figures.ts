import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import type { SkippedPage } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { PdfDocument, PdfPage } from '../pdf/document.ts'
import { area } from '../pdf/geometry.ts'
import type { Graphic } from '../pdf/graphics.ts'
import { type Caption, captionsOf } from './captions.ts'
import { type Cluster, clustersOf, withoutRepeated } from './clusters.ts'
import { bodyStyle, layoutOf, type PageText } from './layout.ts'
import { type Pairing, pairPage } from './pairing.ts'
import { Vocabulary } from './prose.ts'

/** What the text and the graphics of a document say of its figures, before any pixel is looked at. */
export interface DocumentFigures {
  pages: PageText[]
  pairings: Pairing[]
  skipped: SkippedPage[]
}

/** Fewer characters on a page than this, on average, is no text layer. */
const FEW_CHARACTERS = 20
/** A picture of a figure that stands on a page of its own covers at least so many square points. */
const LONE_PICTURE = 8000

/**
 * Finds the figures of a document: captions in its text, and the graphics that belong to each. Pages without a figure's
 * caption cost their text only, unless a caption is left without its picture.
 * @throws LesionloopError `pdf-no-text` where the document is only scanned pictures.
 */
export async function figuresOf(document: PdfDocument, options: RunOptions = {}): Promise<DocumentFigures> {
  const skipped: SkippedPage[] = []
  const read = await textOf(document, skipped, options)
  const pages = layoutOf(read)
  const characters = pages.reduce((sum, page) => sum + page.characters, 0)
  if (pages.length > 0 && characters < FEW_CHARACTERS * pages.length)
    throw new LesionloopError(
      'pdf-no-text',
      `pdf: ${document.name}: ${characters} characters on ${pages.length} pages: no text layer; run it through OCR first`,
      { pages: pages.length, characters },
    )
  for (const page of pages)
    if (page.characters === 0)
      skipped.push({
        page: page.page,
        reason: 'no text on this page: a picture alone, or a scan that needs OCR',
      })
  const vocabulary = new Vocabulary()
  for (const page of pages) for (const line of page.lines) vocabulary.add(line.text)
  const captions = captionsOf(pages, bodyStyle(pages), vocabulary)

  const graphics = new Graphics(document, pages, skipped, options)
  const withCaptions = pages.filter(page => captions.some(c => c.page === page.page && c.kind === 'figure'))
  await graphics.load(withCaptions.map(page => page.page))
  const { pairings, orphans } = pairAll(withCaptions, captions, graphics)
  const settled = await settle(pairings, orphans, pages, captions, graphics)
  return { pages, pairings: settled, skipped: skipped.sort((a, b) => a.page - b.page) }
}

async function textOf(document: PdfDocument, skipped: SkippedPage[], { signal, onProgress }: RunOptions) {
  const read: Parameters<typeof layoutOf>[0] = []
  for (let number = 1; number <= document.pages; number++) {
    signal?.throwIfAborted()
    onProgress?.({ step: 'reading text', done: number, total: document.pages, detail: document.name })
    try {
      const page = await document.page(number)
      read.push({ page: number, width: page.width, height: page.height, items: await page.text() })
      page.release()
    } catch (error) {
      if (codeOf(error) === 'cancelled') throw error
      skipped.push({ page: number, reason: `can't be read: ${messageOf(error)}` })
    }
  }
  return read
}

/** The graphics of the pages asked for, each walked once. */
class Graphics {
  readonly #raw = new Map<number, Graphic[]>()
  #clusters = new Map<number, Cluster[]>()
  readonly #document: PdfDocument
  readonly #pages: Map<number, PageText>
  readonly #skipped: SkippedPage[]
  readonly #options: RunOptions

  constructor(document: PdfDocument, pages: PageText[], skipped: SkippedPage[], options: RunOptions) {
    this.#document = document
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
        detail: `${this.#document.name}, page ${number}`,
      })
      let page: PdfPage | undefined
      try {
        page = await this.#document.page(number)
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

/**
 * One pairing a label: the caption's text from where it is longest, the picture from where one is. Captions still
 * without a picture get the lone pictures of neighbouring pages, in order.
 */
async function settle(
  pairings: Pairing[],
  orphans: Map<number, Cluster[]>,
  pages: PageText[],
  captions: Caption[],
  graphics: Graphics,
): Promise<Pairing[]> {
  const byLabel = new Map<string, Pairing[]>()
  for (const pairing of pairings)
    byLabel.set(pairing.caption.label, [...(byLabel.get(pairing.caption.label) ?? []), pairing])
  const settled = [...byLabel.values()].map(oneOf)
  const empty = settled.filter(pairing => !pairing.region)
  if (empty.length > 0) await adoptFromOtherPages(empty, orphans, pages, captions, graphics)
  return settled.sort((a, b) => a.page - b.page || (a.region?.[1] ?? 0) - (b.region?.[1] ?? 0))
}

function oneOf(same: Pairing[]): Pairing {
  const score = (pairing: Pairing) =>
    pairing.caption.score +
    (pairing.region ? 4 : 0) +
    (pairing.caption.text.length > 0 ? 2 : 0) -
    (pairing.caption.continued ? 6 : 0)
  const [best, ...others] = [...same].sort((a, b) => score(b) - score(a)) as [Pairing, ...Pairing[]]
  let chosen = best
  if (chosen.caption.text.length === 0) {
    const worded = others.find(other => other.caption.text.length > 0)
    if (worded) chosen = { ...chosen, caption: worded.caption }
  }
  if (!chosen.region) {
    const pictured = others.find(other => other.region)
    if (pictured) chosen = { ...pictured, caption: chosen.caption }
  }
  return chosen
}

/** Pictures on pages of their own: right after or before their caption, or all at the end in the captions' order. */
async function adoptFromOtherPages(
  empty: Pairing[],
  orphans: Map<number, Cluster[]>,
  pages: PageText[],
  captions: Caption[],
  graphics: Graphics,
) {
  const captioned = new Set(
    captions.filter(caption => caption.kind === 'figure').map(caption => caption.page),
  )
  const sparse = pages
    .filter(page => !captioned.has(page.page) && page.characters < 1200)
    .map(page => page.page)
  const near = empty.flatMap(pairing => [pairing.caption.page + 1, pairing.caption.page - 1])
  await graphics.load(
    [...new Set([...near, ...sparse])].filter(page => pages.some(p => p.page === page)).sort((a, b) => a - b),
  )
  const lone = new Map<number, Cluster[]>()
  for (const page of pages) {
    if (!graphics.has(page.page)) continue
    const found = captioned.has(page.page) ? (orphans.get(page.page) ?? []) : graphics.clusters(page.page)
    const large = found.filter(cluster => area(cluster.region) > LONE_PICTURE)
    if (large.length > 0)
      lone.set(
        page.page,
        found.filter(cluster => area(cluster.region) > 400),
      )
  }
  const take = (pairing: Pairing, number: number) => {
    const page = pages.find(p => p.page === number)!
    const clusters = lone.get(number)!
    lone.delete(number)
    const whole = pairPage(
      [{ ...pairing.caption, region: [0, page.height - 1, page.width, page.height], lines: [] }],
      clusters,
      { ...page, lines: page.lines.filter(line => line.text.length < 28) },
    )
    const [found] = whole.pairings
    if (found?.region)
      Object.assign(pairing, { page: number, clusters: found.clusters, region: found.region })
  }
  const inOrder = [...empty].sort(
    (a, b) => a.caption.page - b.caption.page || a.caption.region[1] - b.caption.region[1],
  )
  const after = [...lone.keys()].filter(
    number => number > Math.max(...inOrder.map(pairing => pairing.caption.page)),
  )
  // A list of legends, then the pictures, a page each.
  if (inOrder.length > 1 && after.length >= inOrder.length) {
    inOrder.forEach((pairing, i) => {
      take(pairing, after[i]!)
    })
    return
  }
  for (const pairing of inOrder)
    for (const number of [pairing.caption.page + 1, pairing.caption.page - 1])
      if (!pairing.region && lone.has(number)) take(pairing, number)
}
