import type { ExportRow } from '../formats/export-row.ts'
import { HEADS, type Head } from '../records/vocabulary.ts'

const MANY = Symbol('more than one side')

export type Counts = Record<string, number>

/** What a card tells of a dataset, counted as its rows go by. */
export class DatasetFacts {
  cases = 0
  /** By head: how many say yes, no, or are masked; and by the source of what they say. */
  readonly heads: Record<Head, { yes: number; no: number; masked: number; sources: Counts }>
  /** By side ("none" where a case is on no side): cases, and those positive by head. */
  readonly sides = new Map<string, { cases: number; yes: Counts }>()
  readonly licences: Counts = {}
  readonly sources: Counts = {}
  readonly miners: Counts = {}
  /** Sides that each document and each patient has cases on, or `MANY`. */
  readonly documents = new Map<string, string | typeof MANY | null>()
  readonly patients = new Map<string, string | typeof MANY | null>()
  documentsAcross = 0
  patientsAcross = 0
  readonly annotators = new Set<string>()
  readonly cycles = new Set<string>()
  readonly withdrawn = new Set<string>()
  boxes = 0
  /** Cases read by two or more, and the sum of their agreement. */
  readTwice = 0
  agreementSum = 0
  /** Newest day that any row tells: of a label, else of a document's version. */
  newest: string | null = null
  oldestDocument: string | null = null

  constructor() {
    this.heads = Object.fromEntries(
      HEADS.map(head => [head, { yes: 0, no: 0, masked: 0, sources: {} }]),
    ) as unknown as DatasetFacts['heads']
  }

  add(row: ExportRow): void {
    const { provenance } = row
    this.cases++
    const side = this.sides.get(row.side ?? 'none') ?? { cases: 0, yes: {} }
    this.sides.set(row.side ?? 'none', side)
    side.cases++
    for (const head of HEADS) {
      const said = head === 'flag' ? row.flag : row.lesions[head]
      const counts = this.heads[head]
      if (said.value === null) counts.masked++
      else {
        const yes = said.value === 'positive' || said.value === 'present'
        counts[yes ? 'yes' : 'no']++
        if (yes) count(side.yes, head)
        count(counts.sources, said.source ?? 'unknown')
      }
    }
    count(this.licences, provenance.licence ?? 'not recorded')
    count(this.sources, provenance.source)
    count(this.miners, provenance.minedBy)
    if (provenance.document !== null && isNewlyAcross(this.documents, provenance.document, row.side))
      this.documentsAcross++
    if (isNewlyAcross(this.patients, row.patient, row.side)) this.patientsAcross++
    for (const who of provenance.annotators) this.annotators.add(who)
    if (provenance.cycle !== null) this.cycles.add(provenance.cycle)
    if (provenance.withdrawn !== null && provenance.document !== null) this.withdrawn.add(provenance.document)
    this.boxes += row.boxes.length
    if (row.agreement.share !== null) {
      this.readTwice++
      this.agreementSum += row.agreement.share
    }
    for (const day of [provenance.labelled, provenance.versionDate])
      if (day !== null && (this.newest === null || day > this.newest)) this.newest = day
    const posted = provenance.versionDate
    if (posted !== null && (this.oldestDocument === null || posted < this.oldestDocument))
      this.oldestDocument = posted
  }
}

function count(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

/** Notes the side of one of a group's cases. @returns true the moment the group is found on a second side. */
function isNewlyAcross(
  groups: Map<string, string | typeof MANY | null>,
  group: string,
  side: string | null,
): boolean {
  const known = groups.get(group)
  if (known === undefined || known === null) groups.set(group, side)
  else if (known !== MANY && side !== null && known !== side) {
    groups.set(group, MANY)
    return true
  }
  return false
}
