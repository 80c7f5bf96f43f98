/** The words of lesionloop, one for one thing. Free of dependencies, so that the page may import it too. */

/** The five lesions of LA-DNN (medRxiv 2020.05.11.20097907), in the order of its heads. */
export const LESIONS = ['GGO', 'Csld', 'CrPa', 'AirBr', 'InSepThi'] as const
export type Lesion = (typeof LESIONS)[number]

export const LESION_NAMES: Record<Lesion, string> = {
  GGO: 'ground-glass opacity',
  Csld: 'consolidation',
  CrPa: 'crazy paving',
  AirBr: 'air bronchogram',
  InSepThi: 'interlobular septal thickening',
}

/** What a mention says of its lesion, of the patient pictured; the strongest first (see `findingOf`). */
export const ASSERTIONS = ['present', 'possible', 'resolved', 'absent'] as const
export type Assertion = (typeof ASSERTIONS)[number]

/** What a text says of a lesion as a whole. */
export const FINDINGS = [...ASSERTIONS, 'none'] as const
export type Finding = (typeof FINDINGS)[number]

/** The COVID flag as mined from text. */
export const MINED_FLAGS = ['positive', 'negative', 'possible', 'unstated'] as const
export type MinedFlag = (typeof MINED_FLAGS)[number]

/** The COVID flag as an expert gives it. */
export const FLAG_LABELS = ['positive', 'negative', 'uncertain', 'not-assessed'] as const
export type FlagLabel = (typeof FLAG_LABELS)[number]

/** A lesion as an expert gives it. */
export const LESION_LABELS = ['present', 'absent', 'uncertain', 'not-assessed'] as const
export type LesionLabel = (typeof LESION_LABELS)[number]

/** Why a label contradicts what was mined. */
export const CAUSES = [
  'wrong-pairing',
  'missed-term',
  'wrong-term',
  'wrong-assertion',
  'wrong-flag',
  'said-not-visible',
  'visible-not-said',
] as const
export type Cause = (typeof CAUSES)[number]

/** What a picture is. Only `ct` becomes a case by default. */
export const IMAGE_KINDS = ['ct', 'xray', 'chart', 'diagram', 'photograph'] as const
export type ImageKind = (typeof IMAGE_KINDS)[number]

/** Where a truth comes from, the most trusted first (design: "What a case teaches"). */
export const TRUTH_SOURCES = ['adjudicated', 'agreed', 'expert', 'published', 'mined'] as const
export type TruthSource = (typeof TRUTH_SOURCES)[number]

/** The sides of a split. */
export const SIDES = ['train', 'val', 'test'] as const
export type Side = (typeof SIDES)[number]

/** What a person may do; see the server's table of routes. */
export const ROLES = ['annotator', 'adjudicator', 'trainer', 'curator'] as const
export type Role = (typeof ROLES)[number]

/** The six heads of LA-DNN: the flag, then the lesions. */
export const HEADS = ['flag', ...LESIONS] as const
export type Head = (typeof HEADS)[number]

export type PerLesion<T> = Record<Lesion, T>

/** Builds a value for each lesion, in the lesions' order. */
export function perLesion<T>(make: (lesion: Lesion) => T): PerLesion<T> {
  // Written out: a million of these are made in a walk over a large workspace, and all have one shape so.
  return {
    GGO: make('GGO'),
    Csld: make('Csld'),
    CrPa: make('CrPa'),
    AirBr: make('AirBr'),
    InSepThi: make('InSepThi'),
  }
}

/** What a text says of a lesion as a whole: present before possible before resolved before absent, else none. */
export function findingOf(assertions: Iterable<Assertion>): Finding {
  const said = new Set(assertions)
  return ASSERTIONS.find(assertion => said.has(assertion)) ?? 'none'
}
