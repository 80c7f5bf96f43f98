import type { Figure, FigureImage, MinedFigures } from '../../data/records/document.ts'

/** One document of what `lesionloop figures --json` prints; other programs rely on its form. */
export function printedFigures(pdf: string, mined: MinedFigures) {
  return {
    pdf,
    pages: mined.pages,
    figures: mined.figures.map(printedFigure),
    skipped: mined.skipped.map(({ page, reason }) => ({ page, reason })),
  }
}

const printedFigure = (figure: Figure) => ({
  page: figure.page,
  caption_page: figure.captionPage,
  label: figure.label,
  caption: figure.caption,
  caption_region: figure.captionRegion,
  region: figure.region,
  images: figure.images.map(printedImage),
  panels: figure.panels.map(({ label, region, image }) => ({
    label,
    region,
    ...(image ? { image: printedImage(image) } : {}),
  })),
})

const printedImage = (image: FigureImage) => ({
  id: image.id,
  file: image.file,
  region: image.region,
  width: image.width,
  height: image.height,
  ...(image.kind ? { kind: image.kind.kind, kind_score: image.kind.score } : {}),
  ...(image.renderedDpi ? { rendered_dpi: image.renderedDpi } : {}),
})
