import type { LabelValues } from './draft.ts'

/**
 * Gentle warnings where lesions seldom stand together like this (Fleischner glossary: crazy paving is ground-glass
 * opacity with thickened septa; an air bronchogram needs opaque lung around it). Never a block.
 */
export function lesionWarnings(label: LabelValues, caption: string): string[] {
  const { GGO, CrPa, Csld, AirBr, InSepThi } = label.lesions
  const warnings: string[] = []
  if (CrPa === 'present' && GGO === 'absent') warnings.push('crazy paving without GGO')
  if (CrPa === 'present' && InSepThi === 'absent') warnings.push('crazy paving without septal thickening')
  if (AirBr === 'present' && Csld === 'absent' && GGO === 'absent')
    warnings.push('air bronchogram with neither consolidation nor GGO')
  const any = Object.values(label.lesions).includes('present')
  if (any && /\b(?:normal (?:chest|lungs?|ct|scan)|no abnormalit(?:y|ies))\b/i.test(caption))
    warnings.push('a lesion present; the caption says “normal”')
  return warnings
}
