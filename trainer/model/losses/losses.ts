import { flagOnly } from './flag-only.ts'
import { lesionAttention } from './lesion-attention.ts'
import type { Loss } from './loss.ts'
import { paper } from './paper.ts'
import { paperCode } from './paper-code.ts'

export const LOSS_NAMES = ['lesion-attention', 'flag-only', 'paper', 'paper-code'] as const
export type LossName = (typeof LOSS_NAMES)[number]

/** All losses by name. */
export const LOSSES: Readonly<Record<LossName, Loss>> = {
  'lesion-attention': lesionAttention,
  'flag-only': flagOnly,
  paper,
  'paper-code': paperCode,
}
