import { GIVEN_SOURCE } from '../records/consent.ts'
import type { Side } from '../records/vocabulary.ts'
import { type ExportRow, isExpertRow } from './export-row.ts'

/** What goes out. */
export interface ExportChoice {
  /** Leaves out cases without any expert's label. */
  onlyExpert?: boolean
  /** Sides of the split; absent: all cases, also those on none. */
  sides?: readonly Side[]
  /** Share of agreement (0 to 1) that a case's readers must reach; what was adjudicated is settled. */
  minAgreement?: number
  /** Recorded licences that may go out, compared without case; `unknown` stands for none recorded. */
  licences?: readonly string[]
  /** Keeps cases of documents that were withdrawn or retracted. */
  withRetracted?: boolean
  /** Keeps pictures that people gave: their consent is for research and training here, not for handing on. */
  withGiven?: boolean
}

/** Why a case stays behind. */
export const LEFT_REASONS = [
  'taken back by its server',
  'given for use here, not to be handed on',
  'licence not chosen',
  'on no chosen side',
  "no expert's label",
  'readers agree too little, or are fewer than two',
  'no flag',
  'on no side of the split',
  'picture missing',
] as const
export type LeftReason = (typeof LEFT_REASONS)[number]

/** The first reason for which the choice leaves a case out; null: it goes out. */
export function leftOutBecause(row: ExportRow, choice: ExportChoice): LeftReason | null {
  if (row.provenance.withdrawn !== null && !choice.withRetracted) return 'taken back by its server'
  if (row.provenance.source === GIVEN_SOURCE && !choice.withGiven)
    return 'given for use here, not to be handed on'
  if (choice.licences) {
    const licence = (row.provenance.licence ?? 'unknown').toLowerCase()
    if (!choice.licences.some(allowed => allowed.toLowerCase() === licence)) return 'licence not chosen'
  }
  if (choice.sides && (row.side === null || !choice.sides.includes(row.side))) return 'on no chosen side'
  if (choice.onlyExpert && !isExpertRow(row)) return "no expert's label"
  if (choice.minAgreement !== undefined && row.flag.source !== 'adjudicated') {
    if (row.agreement.share === null || row.agreement.share < choice.minAgreement)
      return 'readers agree too little, or are fewer than two'
  }
  return null
}
