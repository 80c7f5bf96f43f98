import type { CaseState } from '../records/case.ts'
import {
  ASSERTIONS,
  FINDINGS,
  type Finding,
  LESIONS,
  MINED_FLAGS,
  type MinedFlag,
  type PerLesion,
  perLesion,
  type Side,
  TRUTH_SOURCES,
  type TruthSource,
} from '../records/vocabulary.ts'

/** How many cases there are of what; every count is of cases unless it says otherwise. */
export interface DatasetCounts {
  cases: number
  images: number
  documents: number
  patients: number
  flag: { positive: number; negative: number; unknown: number }
  lesions: PerLesion<{ present: number; absent: number; unknown: number }>
  mined: { flag: Record<MinedFlag, number>; lesions: PerLesion<Record<Finding, number>> }
  /** labelled: has any expert label; settled: adjudicated or agreed by experts. */
  state: { labelled: number; open: number; adjudicated: number; discussed: number; edited: number }
  /** Heads (six a case) by where their truth comes from. */
  truth: Record<TruthSource | 'none', number>
  sources: Record<string, number>
  formats: Record<string, number>
  /** `none`: no split was made yet, or not for these. */
  sides: Record<Side | 'none', { cases: number; positive: number; lesions: PerLesion<number> }>
}

const zeros = <K extends string>(keys: readonly K[]) => {
  return Object.fromEntries(keys.map(key => [key, 0])) as Record<K, number>
}

/** Counts cases as they stand; `side` tells the side of a case where there is a split. */
export async function countCases(
  cases: AsyncIterable<CaseState> | Iterable<CaseState>,
  side: (id: string) => Side | undefined = () => undefined,
): Promise<DatasetCounts> {
  const images = new Set<string>()
  const documents = new Set<string>()
  const patients = new Set<string>()
  const counts: DatasetCounts = {
    cases: 0,
    images: 0,
    documents: 0,
    patients: 0,
    flag: { positive: 0, negative: 0, unknown: 0 },
    lesions: perLesion(() => ({ present: 0, absent: 0, unknown: 0 })),
    mined: { flag: zeros(MINED_FLAGS), lesions: perLesion(() => zeros(FINDINGS)) },
    state: { labelled: 0, open: 0, adjudicated: 0, discussed: 0, edited: 0 },
    truth: zeros([...TRUTH_SOURCES, 'none']),
    sources: {},
    formats: {},
    sides: Object.fromEntries(
      (['train', 'val', 'test', 'none'] as const).map(name => {
        return [name, { cases: 0, positive: 0, lesions: perLesion(() => 0) }]
      }),
    ) as DatasetCounts['sides'],
  }
  for await (const row of cases) {
    counts.cases++
    images.add(row.image)
    if (row.document !== null) documents.add(row.document)
    patients.add(row.patient)
    counts.flag[row.truth.flag.value ?? 'unknown']++
    counts.truth[row.truth.flag.source ?? 'none']++
    counts.mined.flag[row.mined.flag]++
    const place = counts.sides[side(row.id) ?? 'none']
    place.cases++
    if (row.truth.flag.value === 'positive') place.positive++
    for (const lesion of LESIONS) {
      const { value, source } = row.truth.lesions[lesion]
      counts.lesions[lesion][value ?? 'unknown']++
      counts.truth[source ?? 'none']++
      counts.mined.lesions[lesion][row.mined.findings[lesion]]++
      if (value === 'present') place.lesions[lesion]++
    }
    counts.state[row.labels.length > 0 || row.adjudicated ? 'labelled' : 'open']++
    if (row.adjudicated) counts.state.adjudicated++
    if (row.discuss) counts.state.discussed++
    if (row.edited) counts.state.edited++
    counts.sources[row.source.name] = (counts.sources[row.source.name] ?? 0) + 1
    counts.formats[row.source.format] = (counts.formats[row.source.format] ?? 0) + 1
  }
  counts.images = images.size
  counts.documents = documents.size
  counts.patients = patients.size
  counts.sources = sorted(counts.sources)
  counts.formats = sorted(counts.formats)
  return counts
}

const sorted = (counts: Record<string, number>) => {
  return Object.fromEntries(Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** How many of a long list are named in a line for people. */
const LISTED = 6

/** The counts as lines for a person. */
export function countLines(counts: DatasetCounts): string[] {
  if (counts.cases === 0) return ['no cases yet; mine preprints or import a dataset']
  const list = (of: Record<string, number>) => {
    const named = Object.entries(of).filter(([, count]) => count > 0)
    // Every document is a source of its own: a line for the first few, --json for all.
    const shown = named.slice(0, LISTED).map(([name, count]) => `${name} ${count}`)
    if (named.length > LISTED) shown.push(`and ${named.length - LISTED} more`)
    return shown.join(', ') || 'none'
  }
  const table = (rows: (string | number)[][]) => {
    const widths = rows[0]!.map((_, at) => Math.max(...rows.map(row => String(row[at]).length)))
    return rows.map(row =>
      row
        .map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]!) : String(cell).padStart(widths[at]!)))
        .join('  ')
        .trimEnd(),
    )
  }
  const sides = Object.entries(counts.sides).filter(([, side]) => side.cases > 0)
  return [
    `${counts.cases} cases of ${counts.images} images, ${counts.documents} documents, ${counts.patients} patient groups`,
    `labelled by experts ${counts.state.labelled}, open ${counts.state.open}, adjudicated ${counts.state.adjudicated}, in discussion ${counts.state.discussed}`,
    `sources: ${list(counts.sources)}`,
    `formats: ${list(counts.formats)}`,
    `truth of the six heads by its source: ${list(counts.truth)}`,
    '',
    ...table([
      ['head', 'present', 'absent', 'unknown', ...ASSERTIONS.map(assertion => `mined ${assertion}`)],
      [
        'flag',
        counts.flag.positive,
        counts.flag.negative,
        counts.flag.unknown,
        counts.mined.flag.positive,
        counts.mined.flag.possible,
        '-',
        counts.mined.flag.negative,
      ],
      ...LESIONS.map(lesion => {
        const { present, absent, unknown } = counts.lesions[lesion]
        return [
          lesion,
          present,
          absent,
          unknown,
          ...ASSERTIONS.map(said => counts.mined.lesions[lesion][said]),
        ]
      }),
    ]),
    '',
    ...table([
      ['side', 'cases', 'positive', ...LESIONS],
      ...sides.map(([name, side]) => {
        return [
          name === 'none' ? 'no side yet' : name,
          side.cases,
          side.positive,
          ...LESIONS.map(lesion => side.lesions[lesion]),
        ]
      }),
    ]),
  ]
}
