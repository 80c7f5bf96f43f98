/** The seven stages of EfficientNet (Tan and Le 2019, table 1), and the blocks they are made of. */
interface Stage {
  blocks: number
  kernel: 3 | 5
  stride: 1 | 2
  /** How many times wider a block is within. */
  expand: 1 | 6
  out: number
}

const STAGES: readonly Stage[] = [
  { blocks: 1, kernel: 3, stride: 1, expand: 1, out: 16 }, // [B, 112, 112, 16]
  { blocks: 2, kernel: 3, stride: 2, expand: 6, out: 24 }, // [B, 56, 56, 24]
  { blocks: 2, kernel: 5, stride: 2, expand: 6, out: 40 }, // [B, 28, 28, 40]
  { blocks: 3, kernel: 3, stride: 2, expand: 6, out: 80 }, // [B, 14, 14, 80]
  { blocks: 3, kernel: 5, stride: 1, expand: 6, out: 112 }, // [B, 14, 14, 112]
  { blocks: 4, kernel: 5, stride: 2, expand: 6, out: 192 }, // [B, 7, 7, 192]
  { blocks: 1, kernel: 3, stride: 1, expand: 6, out: 320 }, // [B, 7, 7, 320]
]

/** Channels after the first convolution, after the last stage and after the last convolution. */
export const STEM = 32
export const LAST_STAGE = 320
export const HEAD = 1280

/** Probability with which the last block's branch is left out in training; that of the others grows towards it. */
const DEPTH_DROP = 0.2

export interface MobileBlock extends Pick<Stage, 'kernel' | 'stride' | 'expand' | 'out'> {
  /** Place of its stage, and within it, from 0. */
  stage: number
  at: number
  inputs: number
  /** Whether its input is added to its output. */
  residual: boolean
  /** Probability that its branch is left out in training (stochastic depth, as torchvision spreads it). */
  drop: number
}

/** All blocks in order. `depth`: how many times as many in a stage, rounded up; 1 for b0, 1.1 for b1. */
export function mobileBlocks(depth: number): MobileBlock[] {
  const counts = STAGES.map(({ blocks }) => Math.ceil(blocks * depth))
  const total = counts.reduce((sum, count) => sum + count)
  let before = 0
  return STAGES.flatMap(({ kernel, stride, expand, out }, stage) =>
    Array.from({ length: counts[stage]! }, (_, at) => {
      const inputs = at > 0 ? out : (STAGES[stage - 1]?.out ?? STEM)
      const own = at === 0 ? stride : 1
      const drop = (DEPTH_DROP * before++) / total
      return {
        stage,
        at,
        kernel,
        stride: own,
        expand,
        inputs,
        out,
        residual: own === 1 && inputs === out,
        drop,
      }
    }),
  )
}
