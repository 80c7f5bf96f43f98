import type { CaseState } from '../records/case.ts'
import type { CheckFinding } from '../records/check.ts'
import type { BurntInLine } from './burnt-in-text.ts'
import { counted } from './findings.ts'
import { groupedBy } from './grouped-by.ts'
import { PERSONAL_KINDS, personalSpans } from './personal-text.ts'

const WORDS: Record<(typeof PERSONAL_KINDS)[number], string> = {
  name: 'a name',
  'birth-date': 'a date of birth',
  'record-number': 'a record number',
  phone: 'a telephone number',
  address: 'an address',
}

/** What may tell who a patient is, in texts and in pictures: where and of what kind, never what it says. */
export function personalFindings(
  cases: readonly CaseState[],
  burntIn: ReadonlyMap<string, readonly BurntInLine[]>,
): CheckFinding[] {
  const found: CheckFinding[] = []
  const spans = [...groupedBy(cases, ({ caption }) => caption)].flatMap(([caption, rows]) =>
    personalSpans(caption).map(span => ({ ...span, cases: rows.map(({ id }) => id) })),
  )
  for (const kind of PERSONAL_KINDS) {
    const here = spans.filter(span => span.kind === kind)
    if (here.length === 0) continue
    const items = [...new Set(here.flatMap(span => span.cases))].sort()
    found.push({
      code: `personal-${kind}`,
      severity: 'severe',
      message: `${counted(here.length, 'place')} in the captions of ${counted(items.length, 'case')} with what looks like ${WORDS[kind]}`,
      todo: 'read these captions, and correct them or leave the cases out before anything is published',
      items,
      details: { spans: here.map(({ start, end, rule, cases: of }) => ({ cases: of, start, end, rule })) },
    })
  }
  const marked = cases.filter(({ image }) => burntIn.has(image))
  if (marked.length > 0)
    found.push({
      code: 'burnt-in-text',
      severity: 'warning',
      message: `${counted(marked.length, 'case')} whose picture has lines of text at its edge, which may name the patient`,
      todo: 'look at these pictures; leave out those that show a name, number or date',
      items: marked.map(({ id }) => id).sort(),
      details: { lines: Object.fromEntries(marked.map(({ id, image }) => [id, burntIn.get(image)])) },
    })
  return found
}
