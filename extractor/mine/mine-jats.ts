import { createHash } from 'node:crypto'
import { messageOf } from '../../data/errors.ts'
import type { DocumentRecord, Figure, FigureImage, Panel, SkippedPage } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { documentId } from '../../data/workspace/documents.ts'
import { readPixels } from '../../data/workspace/images.ts'
import type { Picture } from '../figures/pictures.ts'
import { cropTo, type PictureSink } from '../figures/read-figures.ts'
import { type JatsArticle, type JatsFigure, readArticle } from '../jats/article.ts'
import { type ArticlePackage, pictureFile } from '../jats/article-package.ts'
import { decodeXml } from '../jats/decode.ts'
import { parseXml } from '../jats/xml.ts'
import { kindOf } from '../kinds/kind.ts'
import { panelsOf } from '../panels/panels.ts'
import type { Miner } from '../text/miner.ts'
import type { MinedPdf } from './mine-pdf.ts'
import { pictureKeeper } from './picture-keeper.ts'

export interface MineJatsOptions extends RunOptions {
  miner: Miner
  version: string
  isThere?: (file: string) => boolean
  /** The file as it came in: the XML, or the archive it lies in. */
  source: { name: string; bytes: Uint8Array }
}

/** An article of JATS. @throws LesionloopError `xml-…`, `jats-not`. */
export function articleOf(xml: { name: string; bytes: Uint8Array }): JatsArticle {
  return readArticle(parseXml(decodeXml(xml.bytes, xml.name), xml.name), xml.name)
}

/** Everything one article's package holds: its figures with their captions, and the pictures that lie beside it. */
export async function mineJats(
  given: ArticlePackage,
  { miner, version, isThere, source, signal, onProgress }: MineJatsOptions,
): Promise<MinedPdf> {
  const article = articleOf(given.xml)
  const context = [article.title, article.abstract].filter(Boolean).join('\n')
  const { keep, pictures } = pictureKeeper(isThere)
  const wholes: MinedPdf['wholes'] = new Map()
  const skipped: SkippedPage[] = given.refused.map(reason => ({ page: 0, reason }))
  const figures: Figure[] = []
  for (const [i, figure] of article.figures.entries()) {
    signal?.throwIfAborted()
    onProgress?.({ step: 'taking pictures', done: i, total: article.figures.length, detail: figure.label })
    const found: Picture[] = []
    for (const href of figure.pictures) {
      const file = pictureFile(href, given.names)
      try {
        if (file) found.push(await placed(file, await given.read(file), found))
        else skipped.push({ page: 0, reason: `${figure.label}: ${href}: no such picture beside the article` })
      } catch (error) {
        skipped.push({ page: 0, reason: `${figure.label}: ${messageOf(error)}` })
      }
    }
    const made = await figureOf(figure, found, keep)
    figures.push({ ...made, text: miner.mine(figure.caption, context) })
    if (made.panels.length > 1 && made.images.length === 1)
      wholes.set(figure.label, { id: made.images[0]!.id, file: made.images[0]!.file })
  }
  const { figures: _figures, type: _type, pmcid: _pmcid, licence, licenceUrl, date, ...front } = article
  const record: DocumentRecord = {
    id: documentId({ ...front, bytes: source.bytes }),
    format: 'jats',
    file: {
      name: source.name,
      sha256: createHash('sha256').update(source.bytes).digest('hex'),
      bytes: source.bytes.length,
    },
    ...front,
    ...sourceOf(article),
    pages: 0,
    figures,
    skipped,
    miner: { version },
    minedAt: new Date().toISOString(),
  }
  return { record, wholes, pictures: pictures() }
}

/** What an article says of itself as a source. */
export function sourceOf({ licence, licenceUrl, date, type, title }: JatsArticle) {
  const isBack = /^(retraction|withdrawal|removal)$/i.test(type ?? '')
  return {
    ...(licence ? { licence } : {}),
    ...(licenceUrl ? { licenceUrl } : {}),
    ...(date ? { date, versionDate: date } : {}),
    ...(isBack
      ? {
          withdrawn: {
            kind: /retract/i.test(type!) ? ('retracted' as const) : ('withdrawn' as const),
            reason: `the article is a notice of ${type}: ${(title ?? '').slice(0, 200)}`,
            ...(date ? { date } : {}),
          },
        }
      : {}),
  }
}

/** A figure's pictures stand one below the other, in pixels: an article's mark-up knows no page. */
async function placed(name: string, bytes: Uint8Array, before: readonly Picture[]): Promise<Picture> {
  const pixels = await readPixels(bytes, name)
  const top = before.at(-1)?.region[3] ?? 0
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8
  return {
    pixels,
    region: [0, top, pixels.width, top + pixels.height],
    ...(isJpeg ? { jpeg: bytes } : {}),
  }
}

async function figureOf(
  { label, caption }: JatsFigure,
  found: Picture[],
  keep: PictureSink,
): Promise<Figure> {
  const images: FigureImage[] = []
  const image = async ({ pixels, jpeg }: Picture, region: FigureImage['region']): Promise<FigureImage> => ({
    ...(await keep(pixels, label, jpeg)),
    page: 0,
    region,
    width: pixels.width,
    height: pixels.height,
    kind: kindOf(pixels),
  })
  for (const picture of found) images.push(await image(picture, picture.region))
  const photographic = images.map(({ kind }) => kind?.kind !== 'chart' && kind?.kind !== 'diagram')
  const panels: Panel[] = []
  for (const { panel, picture, box } of found.length > 0
    ? panelsOf(caption, 0, found, [], photographic)
    : []) {
    if (panel.label === null && !photographic.includes(true)) continue
    const whole = found[picture]!
    const part = cropTo(whole, box)
    panels.push({ ...panel, image: part === whole ? images[picture]! : await image(part, panel.region) })
  }
  const last = found.at(-1)?.region
  const region: Figure['region'] = [
    0,
    0,
    Math.max(0, ...found.map(each => each.region[2])),
    last ? last[3] : 0,
  ]
  return { page: 0, captionPage: 0, label, caption, captionRegion: [0, 0, 0, 0], region, images, panels }
}
