import type { MinedCase } from '../records/case.ts'
import type { TextFindings } from '../records/mining.ts'
import { minedLabelFor } from '../records/panel-findings.ts'
import { perLesion } from '../records/vocabulary.ts'
import type { ImportOptions } from './import-result.ts'

/** What a text says when nothing was mined from it. */
export const nothingMined = (): TextFindings => ({
  covid: { flag: 'unstated', evidence: [] },
  findings: perLesion(() => 'none'),
  mentions: [],
  skipped: [],
  panels: {},
})

/** Mines each distinct text once. The order of texts does not matter. */
export async function mineCaptions(
  captions: Iterable<string>,
  mineText: ImportOptions['mineText'],
): Promise<(caption: string) => TextFindings> {
  const distinct = [...new Set(captions)].filter(caption => caption.trim() !== '')
  const mined = mineText && distinct.length > 0 ? await mineText(distinct) : []
  const byCaption = new Map(distinct.map((caption, at) => [caption, mined[at]]))
  return caption => byCaption.get(caption) ?? nothingMined()
}

/** The fields of a case that come from its caption. */
export function captionFields(
  caption: string,
  found: TextFindings,
  panel: string | null,
): Pick<MinedCase, 'caption' | 'mentions' | 'skipped' | 'mined'> {
  return {
    caption,
    mentions: found.mentions,
    skipped: found.skipped,
    mined: minedLabelFor(found, { label: panel, wholeFigure: panel === null }),
  }
}
