/**
 * The measures of the PDF tables, as the gold of ../shared/data/pdfs is scored.
 *
 * found: a gold figure with a prediction of its label on the figure's or the caption's page; every other prediction counts
 * against precision. caption: first and last forty characters (or as the text layer spells them) alike by four fifths, and the
 * length within a tenth and five. region: share of the union that is common (IoU), on the figure's own page. letters: micro F1
 * over figures found. panels: boxes with IoU of .75 or more, one to one, where the truth has boxes.
 */
const DASHES_AND_QUOTES = /[\s\u00ad\u2010-\u2015\u2212'"`\u2018-\u201f\u200b-\u200f|-]+/g
const PRINTED_LABEL =
  /^\W*(?:(?:suppl\w*|extended\s+data)\W*)?(?:fig(?:ure|s)?|scheme|chart|plate)\W{0,3}[A-Z]?\d+[A-Z]?\s*[.:|)–—-]*\s*/i

const bare = text => text.normalize('NFKC').toLowerCase().replace(DASHES_AND_QUOTES, '')

/** Levenshtein distance, in characters. */
function distance(a, b) {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    before = row
  }
  return before[b.length]
}
const alike = (a, b) => {
  const longest = Math.max(a.length, b.length)
  return longest === 0 || distance(a, b) <= Math.floor(0.2 * longest + 1e-9)
}

/** Which of a caption's three marks are right: start, end, length. */
export function captionMarks(gold, caption) {
  const text = caption.replace(PRINTED_LABEL, '').replace(/\s+/g, ' ').trim()
  const read = bare(text)
  const end = (key, take) =>
    [gold[key], gold[`${key}_textlayer`]].filter(Boolean).some(wanted => {
      const plain = bare(wanted)
      return alike(plain, take(plain.length))
    })
  return {
    start: end('caption_start', length => read.slice(0, length)),
    end: end('caption_end', length => read.slice(-length)),
    length: Math.abs(text.length - gold.caption_chars) <= 0.1 * gold.caption_chars + 5,
  }
}

export function iou(a, b) {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  if (w <= 0 || h <= 0) return 0
  return (w * h) / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)
}

export const f1 = (right, said, wanted) => (said + wanted === 0 ? 1 : (2 * right) / (said + wanted))

export function emptyFigureScore() {
  return {
    ...{ gold: 0, said: 0, found: 0, captions: 0, regions: 0, regions75: 0, raster: 0, rasterRegions: 0 },
    ...{ panels: 0, panelsSaid: 0, panelsRight: 0, letters: 0, lettersSaid: 0, lettersRight: 0 },
    ...{ lettered: 0, letteredRight: 0 },
    /** { class, where, what }: the classes of layout that failed. */
    errors: [],
  }
}

/** Adds one PDF's figures to `score`. `figures`: the truth; `found`: what readFigures gave. */
export function scoreFigures(score, pdf, figures, found) {
  const wrong = (kind, figure, what) =>
    score.errors.push({ class: kind, where: `${pdf} ${figure.label}`, what, figure })
  const left = new Set(found.filter(({ label }) => !/^table/i.test(label)))
  score.gold += figures.length
  score.said += left.size
  for (const gold of figures) {
    score.raster += gold.raster ? 1 : 0
    const pages = [gold.page, gold.caption_page]
    const same = [...left].filter(
      each => each.label === gold.label && (pages.includes(each.page) || pages.includes(each.captionPage)),
    )
    const overlap = each => (each.page === gold.page ? iou(each.region, gold.region) : 0)
    const rank = each =>
      Object.values(captionMarks(gold, each.caption)).filter(Boolean).length + overlap(each)
    const best = same.sort((a, b) => rank(b) - rank(a))[0]
    if (!best) {
      wrong('figure missed', gold, 'no figure of this label on its pages')
      continue
    }
    left.delete(best)
    score.found++
    const marks = captionMarks(gold, best.caption)
    const missing = Object.keys(marks).filter(key => !marks[key])
    if (missing.length === 0) score.captions++
    else wrong('caption text', gold, `${missing.join(', ')} wrong`)
    const shared = overlap(best)
    score.regions += shared >= 0.5 ? 1 : 0
    score.regions75 += shared >= 0.75 ? 1 : 0
    score.rasterRegions += gold.raster && shared >= 0.5 ? 1 : 0
    if (shared < 0.75)
      wrong(shared < 0.5 ? 'region' : 'region, between .5 and .75', gold, `IoU ${shared.toFixed(2)}`)
    const panels = best.panels.length > 1 ? best.panels : []
    if (gold.panel_regions) {
      const free = new Set(panels)
      let right = 0
      for (const panel of gold.panel_regions) {
        const match = [...free].find(each => iou(each.region, panel.region) >= 0.75)
        if (match && free.delete(match)) right++
      }
      score.panels += gold.panel_regions.length
      score.panelsSaid += panels.length
      score.panelsRight += right
      if (right < Math.max(gold.panel_regions.length, panels.length))
        wrong('panel', gold, `${right} of ${gold.panel_regions.length} panels, ${panels.length} said`)
    }
    const letters = new Set(gold.panels.map(letter => letter.toUpperCase()))
    const said = new Set(panels.flatMap(({ label }) => label?.toUpperCase() ?? []))
    const right = [...letters].filter(letter => said.has(letter)).length
    score.letters += letters.size
    score.lettersSaid += said.size
    score.lettersRight += right
    if (letters.size > 0) score.lettered++
    if (right === letters.size && said.size === letters.size) score.letteredRight += letters.size > 0 ? 1 : 0
    else wrong('letter', gold, `${[...letters].join('') || 'none'} read as ${[...said].join('') || 'none'}`)
  }
  for (const extra of left)
    score.errors.push({
      class: 'figure too many',
      where: `${pdf} ${extra.label}`,
      what: `page ${extra.page}`,
      figure: undefined,
    })
}
