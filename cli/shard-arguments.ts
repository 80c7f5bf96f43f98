import { LesionloopError } from '../data/errors.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { WorkAsked } from '../trainer/cycle/picture-work.ts'
import type { Terminal } from './terminal.ts'
import { wholeNumber } from './whole-number.ts'

/** Arguments of verbs that work picture by picture and can be split into shards, said once. */
export const SHARD_ARGS = {
  shards: {
    type: 'string',
    description: 'where workers share the work: in so many shards (default: about 2000 pictures each)',
  },
  shard: {
    type: 'string',
    description: 'K/N: compute what is missing of the pictures of shard K of N alone, and keep it',
  },
  'plan-shards': {
    type: 'boolean',
    description: 'say which shards hold pictures that were not computed yet',
  },
} as const

interface Given {
  shards?: string | undefined
  shard?: string | undefined
  'plan-shards'?: boolean | undefined
}

/** Whether shards are asked for, and not the verb's own outcome. */
export const isOfShards = (args: Given): boolean => args.shard !== undefined || args['plan-shards'] === true

/** @throws LesionloopError `usage`. */
export function shardCount(text: string): number {
  const count = wholeNumber('shards', text)
  if (count >= 1 && count <= MOST_SHARDS) return count
  throw new LesionloopError('usage', `options: --shards: ${text}: expected 1 to ${MOST_SHARDS}; see --help`)
}

const MOST_SHARDS = 1_000_000

/**
 * Does what was asked for of shards.
 * @returns whether anything was. @throws LesionloopError `usage`, and those of trainer/cycle/picture-work.ts.
 */
export async function didShards(
  workspace: Workspace,
  asked: WorkAsked,
  args: Given,
  terminal: Terminal,
): Promise<boolean> {
  const of = args.shards === undefined ? undefined : shardCount(args.shards)
  if (!isOfShards(args)) return false
  const { computeShard, planShards } = await import('../trainer/cycle/picture-work.ts')
  const run = { signal: terminal.signal, onProgress: terminal.progress }
  if (args['plan-shards']) {
    const plan = await planShards(workspace, asked, { ...run, ...(of === undefined ? {} : { of }) })
    if (!terminal.json)
      terminal.print(
        `${plan.missing} of ${plan.pictures} pictures to compute, in ${plan.shards.length} of ${plan.of} shards`,
      )
    terminal.result(plan)
    return true
  }
  const { readShard } = await import('../trainer/features/shard.ts')
  const done = await computeShard(workspace, asked, readShard(args.shard!), run)
  if (!terminal.json)
    terminal.print(
      `shard ${args.shard}: ${done.pictures} pictures, ${done.computed} computed now, ${done.leftOut} left out`,
    )
  terminal.result(done)
  return true
}
