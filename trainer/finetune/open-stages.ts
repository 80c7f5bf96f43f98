import type { Trainable } from '../backbones/backbone.ts'
import type { FinetuneOptions } from './options.ts'

type Choice = Pick<FinetuneOptions, 'freeze' | 'gradual' | 'stageDecay' | 'backboneRate' | 'headRate'>

/** Names of the heads' parameters begin so. */
export const HEAD_NAMES = ['flag.', 'lesions.'] as const
export const isHead = (name: string) => HEAD_NAMES.some(start => name.startsWith(start))

/** The stage a parameter belongs to, from 0 at the input; −1: to none (ImageNet's classifier). */
export function stageOf({ stages }: Pick<Trainable, 'stages'>, name: string): number {
  return stages.findIndex(starts => starts.some(start => name.startsWith(start)))
}

/** The first stage that learns in an epoch (from 1); `stages.length` where only the heads learn. */
export function firstOpen(count: number, { freeze, gradual }: Choice, epoch: number): number {
  const lowest = Math.min(count, freeze)
  if (gradual === 0) return lowest
  // The heads alone at first, then one stage more every `gradual` epochs.
  return Math.max(lowest, count - Math.floor((epoch - 1) / gradual))
}

/** The highest rate of a parameter; stages nearer to the input learn less where `stageDecay` is below 1. */
export function highestRate(network: Pick<Trainable, 'stages'>, name: string, options: Choice): number {
  if (isHead(name)) return options.headRate
  const behind = network.stages.length - 1 - stageOf(network, name)
  return options.backboneRate * options.stageDecay ** behind
}
