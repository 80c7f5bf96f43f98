import type { CheckReport } from '../records/check.ts'
import { HEADS, SIDES } from '../records/vocabulary.ts'
import type { DatasetFacts } from './facts.ts'

/**
 * What a user of the dataset must know before trusting a figure measured on it; a sentence each. Where the check was run,
 * what it found that is more than a note stands first, and in the place of what the rows alone tell of the sides.
 */
export function knownFaults(facts: DatasetFacts, check?: CheckReport): string[] {
  if (facts.cases === 0) return ['It holds no case.']
  const found = (check?.findings ?? [])
    .filter(({ severity }) => severity !== 'note')
    .map(({ severity, message }) => `${severity === 'severe' ? 'Severe: ' : ''}${message}.`)
  return [...found, ...(check ? [] : faultsOfSides(facts)), ...faultsOfSources(facts)]
}

function faultsOfSides(facts: DatasetFacts): string[] {
  const faults: string[] = []
  const present = SIDES.filter(side => facts.sides.has(side))
  for (const side of present) {
    const { yes } = facts.sides.get(side)!
    const missing = HEADS.filter(head => !yes[head])
    if (missing.length > 0)
      faults.push(
        `Side ${side} holds no positive case of ${missing.join(', ')}: a measure of it there is n/a.`,
      )
  }
  const unsplit = facts.sides.get('none')?.cases ?? 0
  if (unsplit > 0) faults.push(`${unsplit} cases are on no side of a split.`)
  if (facts.patientsAcross > 0)
    faults.push(`${facts.patientsAcross} patients have cases on more than one side: a test on it leaks.`)
  if (facts.documentsAcross > 0)
    faults.push(`${facts.documentsAcross} documents have cases on more than one side: a test on it leaks.`)
  return faults
}

function faultsOfSources(facts: DatasetFacts): string[] {
  const faults: string[] = []
  const mined = HEADS.reduce((sum, head) => sum + (facts.heads[head].sources['mined'] ?? 0), 0)
  if (mined > 0) faults.push(`${mined} labels were mined from text and read by nobody.`)
  if (facts.readTwice === 0) faults.push('No case was read by two readers: agreement is unknown.')
  if (facts.withdrawn.size > 0)
    faults.push(`Withdrawn or retracted documents are in it: ${[...facts.withdrawn].sort().join(', ')}.`)
  const unlicensed = facts.licences['not recorded'] ?? 0
  if (unlicensed > 0) faults.push(`The licence of ${unlicensed} cases' sources is not recorded.`)
  return faults
}
