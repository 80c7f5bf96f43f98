import type { CaseState } from '../records/case.ts'
import type { CheckFinding } from '../records/check.ts'
import { HEADS, type Head, LESIONS } from '../records/vocabulary.ts'
import type { LinkedDouble } from '../splits/groups.ts'
import { headValue } from '../splits/split.ts'
import { counted, listed } from './findings.ts'
import { groupedBy } from './grouped-by.ts'

/** Labels that contradict each other, or the words that came with the picture. */
export function conflictFindings(
  cases: readonly CaseState[],
  doubles: readonly LinkedDouble[],
): CheckFinding[] {
  return [...betweenDoubles(cases, doubles), ...withinPatients(cases), ...againstCaptions(cases)]
}

/** The same slice labelled in two ways: one of the two is wrong, whatever the model says. */
function betweenDoubles(cases: readonly CaseState[], doubles: readonly LinkedDouble[]): CheckFinding[] {
  const byImage = groupedBy(cases, ({ image }) => image)
  const pairs: [CaseState, CaseState][] = []
  for (const rows of byImage.values())
    for (const [at, row] of rows.entries()) for (const other of rows.slice(at + 1)) pairs.push([row, other])
  for (const { one, other } of doubles)
    for (const row of byImage.get(one) ?? [])
      for (const second of byImage.get(other) ?? []) pairs.push([row, second])
  const differ = (heads: readonly Head[]) =>
    pairs.filter(([one, other]) => heads.some(head => areOpposed(one, other, head)))
  const found: CheckFinding[] = []
  const flags = differ(['flag'])
  if (flags.length > 0)
    found.push({
      code: 'conflict-double-flag',
      severity: 'severe',
      message: `${counted(flags.length, 'pair')} of pictures of one slice with opposite flags: ${listed(flags.map(named))}`,
      todo: 'look at both and label them; one of the two flags is wrong',
      items: flags.flatMap(pair => pair.map(({ id }) => id)),
    })
  const lesions = differ(LESIONS)
  if (lesions.length > 0)
    found.push({
      code: 'conflict-double-lesions',
      severity: 'warning',
      message: `${counted(lesions.length, 'pair')} of pictures of one slice whose lesions differ: ${listed(lesions.map(named))}`,
      todo: 'label both pictures of each pair alike',
      items: lesions.flatMap(pair => pair.map(({ id }) => id)),
      details: {
        heads: lesions.map(([one, other]) => HEADS.filter(head => areOpposed(one, other, head))),
      },
    })
  return found
}

const named = ([one, other]: readonly [CaseState, CaseState]) => `${one.id} = ${other.id}`

function areOpposed(one: CaseState, other: CaseState, head: Head): boolean {
  const [a, b] = [headValue(one.truth, head), headValue(other.truth, head)]
  return a !== null && b !== null && a !== b
}

/** One patient, told apart by caption or metadata, who has the disease in one picture and not in another. */
function withinPatients(cases: readonly CaseState[]): CheckFinding[] {
  const patients = groupedBy(
    cases.filter(row => row.patient !== row.document && row.patient !== row.image),
    ({ patient }) => patient,
  )
  const torn = [...patients].filter(
    ([, rows]) => new Set(rows.map(({ truth }) => truth.flag.value).filter(value => value !== null)).size > 1,
  )
  if (torn.length === 0) return []
  return [
    {
      code: 'conflict-patient-flag',
      severity: 'warning',
      message: `${counted(torn.length, 'patient')} with both flags among their pictures: ${listed(torn.map(([patient]) => patient))}`,
      todo: 'see whether the caption tells two patients, or two times, apart; else put the flag right',
      items: torn.flatMap(([, rows]) => rows.map(({ id }) => id)),
    },
  ]
}

/** Labels that say another thing than the picture's own caption. */
function againstCaptions(cases: readonly CaseState[]): CheckFinding[] {
  const found: CheckFinding[] = []
  // Where the truth is the caption's own, it can't contradict it.
  const told = cases.filter(row => row.caption !== '')
  const flags = told.filter(({ truth: { flag }, mined }) => {
    if (flag.value === null || flag.source === 'mined') return false
    return mined.flag === (flag.value === 'positive' ? 'negative' : 'positive')
  })
  if (flags.length > 0) {
    const captions = new Set(flags.map(row => row.caption)).size
    found.push({
      code: 'flag-against-caption',
      severity: 'severe',
      message: `${counted(flags.length, 'case')} (${counted(captions, 'caption')}) whose flag is the opposite of what their own caption says`,
      todo: 'review them first: `lesionloop serve`, or leave them out',
      items: flags.map(({ id }) => id).sort(),
    })
  }
  const heads = Object.fromEntries(
    LESIONS.map(lesion => {
      const judged = told.filter(
        ({ truth }) => truth.lesions[lesion].value !== null && truth.lesions[lesion].source !== 'mined',
      )
      const said = judged.filter(({ truth, mined }) => {
        const present = truth.lesions[lesion].value === 'present'
        return present !== (mined.findings[lesion] === 'present')
      })
      return [lesion, said.map(({ id }) => id)]
    }),
  )
  const items = [...new Set(Object.values(heads).flat())].sort()
  const judged = told.filter(({ truth }) => LESIONS.some(lesion => truth.lesions[lesion].source !== 'mined'))
  if (items.length > 0)
    found.push({
      code: 'lesions-against-caption',
      severity: 'warning',
      message: `${items.length} of ${counted(judged.length, 'case')} with a caption: at least one lesion is labelled otherwise than the caption says (${LESIONS.map(lesion => `${lesion} ${heads[lesion]!.length}`).join(', ')})`,
      todo: 'review them; a lesion may be visible and not said, said of another panel, or resolved',
      items,
      details: { heads },
    })
  return found
}
