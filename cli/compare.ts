import { defineCommand } from 'citty'
import type { Comparison, Gate } from '../data/records/comparison.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'
import { wholeNumber } from './whole-number.ts'

export default defineCommand({
  meta: {
    name: 'compare',
    description:
      'Compare two sealed cycles on the same cases: paired intervals, what flipped, the corrections between them, and whether the second may take the place of the first',
  },
  args: {
    before: {
      type: 'positional',
      required: true,
      description: 'number of the earlier cycle ("1" or "0001")',
    },
    after: { type: 'positional', required: true, description: 'number of the later cycle' },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    out: { type: 'string', description: 'folder for comparison.html (with pictures) and comparison.json' },
    samples: { type: 'string', default: '2000', description: 'bootstrap resamples of every interval' },
    seed: { type: 'string', default: '1', description: 'seed of the resamples' },
    json: { type: 'boolean', description: 'print the comparison as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const [samples, seed] = [wholeNumber('samples', args.samples), wholeNumber('seed', args.seed)]
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { compareCycles } = await import('../trainer/compare/compare.ts')
      const workspace = await openWorkspace(args.workspace)
      const run = { signal: terminal.signal, onProgress: terminal.progress }
      const comparison = await compareCycles(workspace, args.before, args.after, { samples, seed, ...run })
      if (!terminal.json) await sayComparison(terminal, comparison)
      if (args.out !== undefined) {
        const { writeComparison } = await import('../trainer/compare/write-comparison.ts')
        await writeComparison(workspace, comparison, args.out, run)
        if (!terminal.json) terminal.print(`written: ${args.out}/comparison.html`)
      }
      terminal.result(comparison)
      return true
    })
  },
})

async function sayComparison(terminal: Terminal, comparison: Comparison): Promise<void> {
  const { differenceWords } = await import('../trainer/compare/gates.ts')
  const { before, after, sides, measures, flipCounts, corrections, gates, warnings } = comparison
  for (const { words } of sides) terminal.print(words)
  for (const one of measures) if (one.verdict !== 'na') terminal.print(differenceWords(one))
  for (const { side, head, mended, broken, unknown } of flipCounts)
    terminal.print(
      `flips of ${head}, ${side}: ${mended} mended, ${broken} broken, ${unknown} with unknown truth`,
    )
  for (const { cause, head, count } of corrections)
    terminal.print(
      `corrections since ${before.id}: ${head}, ${cause === 'none' ? 'no cause given' : cause}: ${count}`,
    )
  sayGates(terminal, gates)
  terminal.print(
    comparison.promotable
      ? `cycle ${after.id} may be promoted over ${before.id}`
      : `cycle ${after.id} is refused by the gates`,
  )
  for (const warning of warnings) terminal.say(`warning: ${warning}`)
}

const VERDICTS = { passed: 'passed', refused: 'REFUSED', na: 'n/a', warned: 'warning' } as const

export function sayGates(terminal: Terminal, gates: readonly Gate[]): void {
  for (const gate of gates) terminal.print(`gate ${gate.name}: ${VERDICTS[gate.verdict]}: ${gate.words}`)
}
