import type { Lesion } from '../records/vocabulary.ts'

/** A code of a terminology, and where it was read. */
export interface LesionCode {
  scheme: 'DCM' | 'SCT'
  code: string
  meaning: string
  /** What gives the code, in words for the card. */
  source: string
}

const PS3_16 = 'DICOM PS3.16, read in the concept dictionary that pydicom 3.0.2 makes from it'

/**
 * Codes only where a source was read that gives them. DICOM's "Septal line(s)" (112114) is a sign on a chest film and no
 * word for interlobular septal thickening on CT: that one and crazy paving stay blank until somebody reads a code. The
 * code of consolidation was given with the request for this feature; SNOMED CT itself was not at hand to read it in.
 */
export const LESION_CODES: Record<Lesion, LesionCode | null> = {
  GGO: { scheme: 'DCM', code: '112120', meaning: 'Ground glass opacity', source: `${PS3_16} (CID 6104)` },
  Csld: {
    scheme: 'SCT',
    code: '95436008',
    meaning: 'Lung consolidation',
    source: 'as it was given to us; look it up in your release of SNOMED CT before you rely on it',
  },
  CrPa: null,
  AirBr: { scheme: 'DCM', code: '112071', meaning: 'Air bronchogram', source: `${PS3_16} (CID 6105)` },
  InSepThi: null,
}
