import type { Store } from '../data/stores/store.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { Terminal } from './terminal.ts'

/** `--no-duplicates`, of every verb that takes cases in. */
export const DUPLICATES_ARG = {
  duplicates: {
    type: 'boolean',
    default: true,
    description: 'compare new pictures with all, and put doubles on one side of the split',
    negativeDescription: 'leave the comparing of pictures to a later `lesionloop duplicates`',
  },
} as const

/** What taking cases in did to doubles and sides. */
export interface SidesResult {
  /** Pairs of pictures that show one slice, found now. */
  linked: number
  /** Cases that changed sides, in words. */
  moved: string[]
}

/** Links doubles and gives every case its side; the last step of a verb that takes cases in. */
export async function sidesAfter(
  workspace: Workspace,
  store: Store,
  terminal: Pick<Terminal, 'signal' | 'progress'>,
  duplicates = true,
): Promise<SidesResult> {
  const { renewSides } = await import('../data/duplicates/renew-sides.ts')
  const { linked, moved } = await renewSides(workspace, () => store.cases.all(), {
    duplicates,
    signal: terminal.signal,
    onProgress: terminal.progress,
  })
  return { linked, moved }
}

export function printSides({ linked, moved }: SidesResult, terminal: Pick<Terminal, 'print'>): void {
  if (linked > 0)
    terminal.print(
      `${linked} new ${linked === 1 ? 'pair' : 'pairs'} of pictures that show the same slice, each on one side of the split; see \`lesionloop duplicates\``,
    )
  for (const message of moved) terminal.print(`note: ${message}`)
}
