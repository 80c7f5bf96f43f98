import { z } from 'zod'
import { LesionloopError } from '../../data/errors.ts'
import { LOSS_NAMES } from '../model/losses/losses.ts'
import { augmentOptions } from '../pictures/augment-options.ts'

/**
 * Changes for a network that learns from a few hundred pictures. With milder ones and without mixup it learns COVID-CT's
 * train side by heart within five epochs; with these validation still falls in the last.
 */
export const FINETUNE_AUGMENT = augmentOptions.parse({
  crop: [0.6, 1],
  aspect: 1.2,
  rotate: 10,
  brightness: 0.1,
  contrast: 0.25,
  gamma: 0.2,
  erase: { chance: 0.25, area: [0.02, 0.15] },
})

/** Every choice of a fine-tuning, under the same names on the command line (in kebab case) and in a --config file. */
export const finetuneOptions = z.strictObject({
  loss: z.enum(LOSS_NAMES).default('lesion-attention'),
  /** Weight of the lesions' mean loss against the flag's. */
  lambda: z.number().min(0).max(100).default(0.5),
  epochs: z.int().min(1).max(1000).default(14),
  batch: z.int().min(1).max(1024).default(16),
  optimizer: z.enum(['adamw', 'sgd']).default('adamw'),
  /** Highest step of the heads, and of the backbone's last stage. */
  headRate: z.number().gt(0).max(10).default(2e-3),
  backboneRate: z.number().min(0).max(10).default(1e-3),
  /** Each stage towards the input learns by this share of the one behind it; 1: all alike. */
  stageDecay: z.number().gt(0).max(1).default(1),
  /** Of SGD. */
  momentum: z.number().min(0).lt(1).default(0.9),
  nesterov: z.boolean().default(true),
  /** Decoupled decay of weights; never of norms and biases. */
  weightDecay: z.number().min(0).max(10).default(0.02),
  /** `cosine` falls to 1/100 of the rate; `one-cycle` begins at 1/25, falls to nearly nought; `constant` stays. */
  schedule: z.enum(['cosine', 'one-cycle', 'constant']).default('one-cycle'),
  /** Share of all steps over which the rate rises. */
  warmup: z.number().min(0).max(0.9).default(0.25),
  /** Stages of the backbone, counted from the input, that stay as they are; as many as it has: only the heads learn. */
  freeze: z.int().min(0).max(100).default(0),
  /** Epochs after which one more stage learns, from the output back; 0: all from the beginning. */
  gradual: z.int().min(0).max(100).default(0),
  /** Batch norms keep the statistics they came with. */
  frozenNorms: z.boolean().default(false),
  /** Greatest norm of all gradients together; 0: as they come. */
  clip: z.number().min(0).max(1e6).default(5),
  dropout: z.number().min(0).lt(1).default(0.2),
  /** α of mixup's Beta distribution; 0: off. */
  mixup: z.number().min(0).max(10).default(0.2),
  smoothing: z.number().min(0).lt(1).default(0.05),
  /** Share of the old in the running average of parameters that is judged and kept; 0: off. */
  ema: z.number().min(0).lt(1).default(0.95),
  /** Views a picture is judged by at the end: itself, its mirror image, and crops of both. */
  tta: z.enum(['none', 'flip', 'flip-crops']).default('flip'),
  /** Epochs without a lower validation loss after which to stop; 0: never. */
  patience: z.int().min(0).max(1000).default(0),
  /** Which epoch's parameters are kept: the last, or the one of the lowest validation loss of both heads. */
  keep: z.enum(['last', 'best']).default('best'),
  /** Pixels a side, in training and when judging; absent: the backbone's own. */
  trainSize: z.int().min(32).max(1024).optional(),
  testSize: z.int().min(32).max(1024).optional(),
  /** Changes of pictures while learning; null: none. */
  augment: augmentOptions.nullable().default(() => FINETUNE_AUGMENT),
  /** Worker threads that prepare pictures. */
  workers: z.int().min(0).max(64).default(1),
  seed: z.int().min(0).default(1),
})
export type FinetuneOptions = z.infer<typeof finetuneOptions>

/** Options with all defaults filled in. @throws LesionloopError `usage`. */
export function readFinetuneOptions(given: z.input<typeof finetuneOptions> = {}): FinetuneOptions {
  const outcome = finetuneOptions.safeParse(given)
  if (outcome.success) return outcome.data
  const faults = outcome.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
  throw new LesionloopError('usage', `fine-tuning: ${faults.join('; ')}; see --help`)
}
