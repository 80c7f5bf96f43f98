import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { IMAGE_KINDS, type ImageKind } from '../../data/records/vocabulary.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { FEATURES, kindFeatures } from './features.ts'

const model = z
  .object({ intercept: z.number(), weights: z.array(z.number()).length(FEATURES.length) })
  .describe('logistic regression of one kind against the rest')
const stored = z
  .object({ features: z.array(z.string()), models: z.record(z.enum(IMAGE_KINDS), model) })
  .parse(JSON.parse(readFileSync(packagePath('extractor', 'kinds', 'kinds.json'), 'utf8')))

/**
 * What a picture is, with the share of its score among all kinds (0…1). A curator's `kind` act overrides it.
 * Fitted by test/bench/extractor-pdf-kinds.mjs; measured in docs/extractor-pdf.md.
 */
export function kindOf(pixels: Pixels): { kind: ImageKind; score: number } {
  const features = kindFeatures(pixels)
  const scores = IMAGE_KINDS.map(kind => {
    const { intercept, weights } = stored.models[kind]
    return {
      kind,
      score: sigmoid(weights.reduce((sum, weight, i) => sum + weight * features[i]!, intercept)),
    }
  })
  const best = scores.reduce((a, b) => (b.score > a.score ? b : a))
  const all = scores.reduce((sum, { score }) => sum + score, 0)
  return { kind: best.kind, score: Math.round((best.score / Math.max(all, 1e-9)) * 1000) / 1000 }
}
