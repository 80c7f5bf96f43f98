import type { LabelValues } from './draft.ts'

const LUNG = '(?:chest|lungs?|ct|scan|parenchyma|images?)'
/** "Normal" said of the picture, not of a temperature or a cell count, and not denied ("not normal", "abnormal"). */
const NORMAL = [
  new RegExp(`(?<!\\b(?:not|non|near|nearly|from)[ -])\\bnormal (?:[a-z]+ ){0,2}?${LUNG}\\b`, 'i'),
  new RegExp(
    `\\b${LUNG}(?: [a-z]+){0,2}? (?:is|are|was|were|appears?|appeared|looks?|looked) (?:normal|unremarkable)\\b`,
    'i',
  ),
  /\bno (?:pulmonary |lung |significant )?abnormalit(?:y|ies)\b/i,
  /\bunremarkable (?:[a-z]+ ){0,2}?(?:chest|lungs?|ct|scan)\b/i,
]

/** The words of a caption that follow this panel's letter in brackets; the whole caption where letters are not told apart so. */
function wordsFor(caption: string, panel: string | null): string {
  const parts = caption.split(/(\([A-Z](?:(?:\s*[,–-]\s*|\s+and\s+)[A-Z])*\))/i)
  if (panel === null || parts.length < 3) return caption
  const own = parts.flatMap((part, at) => (at % 2 === 1 && names(part, panel) ? [parts[at + 1] ?? ''] : []))
  return own.length > 0 ? own.join(' ') : caption
}

/** True where "(A-C)" or "(A, B)" covers a panel's letter. */
function names(letters: string, panel: string): boolean {
  const wanted = panel.toUpperCase()
  const range = /([A-Z])\s*[–-]\s*([A-Z])/i.exec(letters)
  if (range?.[1] && range[2] && range[1].toUpperCase() <= wanted && wanted <= range[2].toUpperCase())
    return wanted.length === 1
  return new RegExp(`\\b${wanted.replace(/[^A-Z0-9]/g, '')}\\b`, 'i').test(letters)
}

/**
 * Gentle warnings where lesions seldom stand together like this (Fleischner glossary: crazy paving is ground-glass
 * opacity with thickened septa; an air bronchogram needs opaque lung around it). Never a block.
 */
export function lesionWarnings(label: LabelValues, caption: string, panel: string | null = null): string[] {
  const { GGO, CrPa, Csld, AirBr, InSepThi } = label.lesions
  const warnings: string[] = []
  if (CrPa === 'present' && GGO === 'absent') warnings.push('crazy paving without GGO')
  if (CrPa === 'present' && InSepThi === 'absent') warnings.push('crazy paving without septal thickening')
  if (AirBr === 'present' && Csld === 'absent' && GGO === 'absent')
    warnings.push('air bronchogram with neither consolidation nor GGO')
  const any = Object.values(label.lesions).includes('present')
  if (any && NORMAL.some(words => words.test(wordsFor(caption, panel))))
    warnings.push('a lesion present; the caption says “normal”')
  return warnings
}
