import { z } from 'zod'
import { LesionloopError } from '../../data/errors.ts'
import { TRUTH_SOURCES } from '../../data/records/vocabulary.ts'
import { AUDIT_SHARE } from '../acquisition/audit-draw.ts'
import { DEFAULT_STRATEGY } from '../acquisition/strategy.ts'
import { type FinetuneOptions, finetuneOptions } from '../finetune/options.ts'
import { DEFAULT_LEARNING } from '../fit/learn.ts'
import { DEFAULT_TEACHING } from '../fit/targets.ts'

/** Everything a cycle can be told; stands in its record as it was. */
export const cycleOptions = z.strictObject({
  /** Absent: as in the newest cycle, else `starter`. */
  backbone: z.string().optional(),
  /** A safetensors file or a name on the model hub; absent: as in the newest cycle, else the backbone's own. */
  init: z.string().optional(),
  backend: z.string().default('auto'),
  /** `heads`: on frozen, cached features, in seconds; `finetune`: the whole network too, which then speaks for the model. */
  fit: z.enum(['heads', 'finetune']).default('heads'),
  /** `promoted`: starts from the promoted cycle's parameters, of the same backbone and fit; `afresh`: from none. */
  from: z.enum(['afresh', 'promoted']).default('afresh'),
  /** Of `fit: finetune`. */
  finetune: finetuneOptions.optional(),
  seed: z.int().min(0).default(DEFAULT_LEARNING.seed),
  onlyExpert: z.boolean().default(DEFAULT_TEACHING.onlyExpert),
  /** Absent: as in the newest cycle, else masked. */
  unmentioned: z.enum(['masked', 'absent']).optional(),
  controls: z.enum(['masked', 'absent']).optional(),
  sourceWeights: z
    .partialRecord(z.enum(TRUTH_SOURCES), z.number().min(0).max(100))
    .default({})
    .transform(given => ({ ...DEFAULT_TEACHING.sourceWeights, ...given })),
  classWeights: z.enum(['balanced', 'none']).default(DEFAULT_TEACHING.classWeights),
  hidden: z.int().min(0).max(1024).default(DEFAULT_LEARNING.hidden),
  penalties: z
    .array(z.number().min(0))
    .min(1)
    .max(20)
    .default([...DEFAULT_LEARNING.penalties]),
  lambdas: z
    .array(z.number().min(0))
    .min(1)
    .max(20)
    .default([...DEFAULT_LEARNING.lambdas]),
  folds: z.int().min(2).max(20).default(DEFAULT_LEARNING.folds),
  epochs: z.int().min(1).max(10_000).default(DEFAULT_LEARNING.epochs),
  rate: z.number().gt(0).max(1).default(DEFAULT_LEARNING.rate),
  strategy: z.string().default(DEFAULT_STRATEGY),
  /** Share of a batch that is drawn by chance and read blind. */
  auditShare: z.number().min(0).max(1).default(AUDIT_SHARE),
  /** Bootstrap resamples of every interval. */
  samples: z.int().min(0).max(100_000).default(2000),
  /** Pictures at a time. */
  batch: z.int().min(1).max(1024).default(8),
})
export type CycleOptions = z.infer<typeof cycleOptions>

/** Checks options as they come from the command line or a file. @throws LesionloopError `usage`. */
export function readCycleOptions(given: z.input<typeof cycleOptions>): CycleOptions {
  const outcome = cycleOptions.safeParse(given)
  if (outcome.success) return outcome.data
  const faults = outcome.error.issues.map(
    issue => `--${kebab(issue.path.filter(part => part !== 'finetune').join('.'))}: ${issue.message}`,
  )
  throw new LesionloopError('usage', `options: ${faults.join('; ')}; see --help`)
}

/** The options of a fine-tuning; seed as the cycle's where they say none. */
export const tuningOf = ({ finetune, seed }: CycleOptions): FinetuneOptions =>
  finetune ?? finetuneOptions.parse({ seed })

const kebab = (name: string) => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
