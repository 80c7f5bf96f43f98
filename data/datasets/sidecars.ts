import { createHash } from 'node:crypto'
import type { ExportChoice, LeftReason } from '../formats/export-choice.ts'
import type { Written } from '../formats/write-out.ts'
import type { CheckReport } from '../records/check.ts'
import { card } from './card.ts'
import { croissant } from './croissant.ts'
import type { DatasetFacts } from './facts.ts'
import type { Publication } from './publication.ts'

/** What is known of an export when its rows are written. */
export interface Exported {
  name: string
  format: string
  /** True for one file without its pictures. */
  alone: boolean
  facts: DatasetFacts
  /** Files written so far by path, pictures among them. */
  written: ReadonlyMap<string, Written>
  choice: ExportChoice
  leftOut: Partial<Record<LeftReason, number>>
  publication: Publication
  /** What the check found; undefined where it was not run. */
  check: CheckReport | undefined
}

/**
 * The dataset card, the Croissant file and the checksums that stand beside an export, by file name. Their content
 * depends on the cases and choices alone, never on the clock.
 */
export function sidecars(of: Exported & { beside: Record<string, string> }): Record<string, string> {
  // Beside a lone file others may lie: theirs are named after it.
  const named = (name: string) => (of.alone ? `${of.name}.${name}` : name)
  const made: Record<string, string> = {
    [named('README.md')]: card(of),
    [named('croissant.json')]: `${JSON.stringify(croissant(of), null, 2)}\n`,
  }
  const sums = [...of.written].map(([path, { sha256 }]) => [path, sha256] as const)
  for (const [path, content] of Object.entries({ ...of.beside, ...made }))
    sums.push([path, createHash('sha256').update(content).digest('hex')])
  sums.sort(([one], [other]) => (one < other ? -1 : 1))
  made[named('SHA256SUMS')] = sums.map(([path, sum]) => `${sum}  ${path}\n`).join('')
  return made
}
