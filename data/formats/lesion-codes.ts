import type { Lesion } from '../records/vocabulary.ts'

/** A code of a terminology, and where it was read. */
export interface LesionCode {
  scheme: 'DCM' | 'SCT'
  code: string
  meaning: string
}

/**
 * Codes only where a source was read that gives them: DICOM PS3.16 Annex D (DCM), SNOMED CT (SCT). Crazy paving and
 * interlobular septal thickening stay blank until somebody reads one.
 */
export const LESION_CODES: Record<Lesion, LesionCode | null> = {
  GGO: { scheme: 'DCM', code: '112120', meaning: 'Ground glass opacity' },
  Csld: { scheme: 'SCT', code: '95436008', meaning: 'Lung consolidation' },
  CrPa: null,
  AirBr: { scheme: 'DCM', code: '112071', meaning: 'Air bronchogram' },
  InSepThi: null,
}
