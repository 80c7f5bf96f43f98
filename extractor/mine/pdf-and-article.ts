import { createHash } from 'node:crypto'
import { codeOf, messageOf } from '../../data/errors.ts'
import type { DocumentRecord, Figure } from '../../data/records/document.ts'
import { documentId } from '../../data/workspace/documents.ts'
import type { ArticlePackage } from '../jats/article-package.ts'
import { articleOf, mineJats, sourceOf } from './mine-jats.ts'
import { type MinedPdf, type MinePdfOptions, minePdf } from './mine-pdf.ts'

/**
 * One document of a PDF and the same article's mark-up. Pictures, panels and pages are the PDF's; captions, title,
 * abstract and licence are the mark-up's, which knows no line breaks or lost letters. Figures that only the mark-up has
 * come with the pictures that lie beside it; where the PDF can't be read, all of them do.
 */
export async function minePdfWithArticle(
  pdf: { path: string; bytes: Uint8Array },
  given: ArticlePackage,
  options: MinePdfOptions,
): Promise<MinedPdf> {
  const article = articleOf(given.xml)
  const text: NonNullable<DocumentRecord['text']> = {
    name: given.xml.name,
    sha256: createHash('sha256').update(given.xml.bytes).digest('hex'),
    bytes: given.xml.bytes.length,
  }
  const marked = await mineJats(given, { ...options, source: given.xml })
  let mined: MinedPdf
  try {
    mined = await minePdf(pdf.bytes, pdf.path, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!codeOf(error).startsWith('pdf-')) throw error
    marked.record.skipped.push({ page: 0, reason: `its PDF was left out: ${messageOf(error)}` })
    return marked
  }
  const { record, wholes } = mined
  const byLabel = new Map(marked.record.figures.map(figure => [figure.label, figure]))
  const figures = record.figures.map((figure): Figure => {
    const same = byLabel.get(figure.label)
    byLabel.delete(figure.label)
    return same?.caption && same.text ? { ...figure, caption: same.caption, text: same.text } : figure
  })
  // Captions without a picture of their own add nothing that a case could be made of.
  const more = marked.record.figures.filter(figure => byLabel.has(figure.label) && figure.images.length > 0)
  for (const { label } of more) {
    const whole = marked.wholes.get(label)
    if (whole) wholes.set(label, whole)
  }
  const added = filesOf(more)
  const own = new Set(mined.pictures.map(({ file }) => file))
  const { title, abstract } = article
  const doi = article.doi ?? record.doi
  // The mark-up often leaves out the version that the PDF's margin prints.
  const version = article.version ?? (doi === record.doi ? record.version : undefined)
  return {
    record: {
      ...record,
      id: documentId({ ...(doi ? { doi } : {}), ...(version ? { version } : {}), bytes: pdf.bytes }),
      text,
      ...(doi ? { doi } : {}),
      ...(version ? { version } : {}),
      ...(title ? { title } : {}),
      ...(abstract ? { abstract } : {}),
      ...sourceOf(article),
      figures: [...figures, ...more],
      skipped: [
        ...record.skipped,
        { page: 0, reason: `the same article as ${given.xml.name}: captions are from there` },
      ],
    },
    wholes,
    pictures: [...mined.pictures, ...marked.pictures.filter(({ file }) => added.has(file) && !own.has(file))],
  }
}

/** The files of the pictures that figures stand in. */
const filesOf = (figures: readonly Figure[]) =>
  new Set(
    figures.flatMap(({ images, panels }) =>
      [...images, ...panels.flatMap(({ image }) => image ?? [])].map(image => image.file),
    ),
  )
