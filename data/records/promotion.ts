import { z } from 'zod'

/** promoted.json: which cycle speaks for the model, since when, by whom and why, and all that went before. */
const step = {
  /** The cycle's id ("0003"). */
  cycle: z.string().regex(/^\d{4,}$/),
  /** ISO 8601. */
  since: z.string(),
  by: z.string(),
  /** In words: the gates that let it pass, or what its promoter wrote. */
  why: z.string(),
  /** True where a gate refused and a person promoted it all the same. */
  forced: z.boolean(),
}
export const promotionStep = z.object({
  ...step,
  /** `rollback`: the pointer was moved back to it. */
  how: z.enum(['promote', 'rollback']),
})
export type PromotionStep = z.infer<typeof promotionStep>

export const promotion = z.object({
  format: z.literal('lesionloop-promotion-1'),
  ...step,
  /** Every move of the pointer, the oldest first; the last one is the one that stands. */
  history: z.array(promotionStep),
})
export type Promotion = z.infer<typeof promotion>

/** What promoting or rolling back answers. */
export interface Promoted {
  promotion: Promotion
  /** What spoke before; null: no cycle was promoted yet. */
  before: string | null
  /** One readable line. */
  message: string
}
