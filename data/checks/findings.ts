import { type CheckFinding, SEVERITIES } from '../records/check.ts'

/** How many of a long list are named in a sentence; all stand in the finding's items. */
const NAMED = 6

/** "a, b, c and 4 more": the first of a list for people. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ')
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown
}

/** "1 case", "7 cases". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** The gravest first, each kind in the order it was looked for. */
export function gravestFirst(findings: readonly CheckFinding[]): CheckFinding[] {
  return SEVERITIES.flatMap(severity => findings.filter(found => found.severity === severity))
}
