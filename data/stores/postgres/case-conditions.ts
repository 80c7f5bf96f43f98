import { LESIONS } from '../../records/vocabulary.ts'
import type { CaseFilter } from '../store.ts'
import { plain } from './case-rows.ts'

/**
 * A filter as a condition on `lesionloop.cases c`, saying the same as case-filter.ts.
 * @param values gets the parameters; those that stand in it already keep their numbers.
 */
export function conditionOf(filter: CaseFilter, values: unknown[]): string {
  const tests: string[] = []
  const value = (given: unknown) => `$${values.push(given)}`
  const { lesion, finding, document, state, by, assignedTo, reader } = filter
  if (filter.kind !== 'all') tests.push('c.is_ct')
  if (lesion !== undefined) {
    const said = `c.findings[${LESIONS.indexOf(lesion) + 1}]`
    tests.push(finding === undefined ? `${said} <> 'none'` : `${said} = ${value(finding)}`)
  } else if (finding !== undefined) tests.push(`${value(finding)} = any(c.findings)`)
  if (document !== undefined) tests.push(`c.document = ${value(plain(document))}`)
  // Who is named is looked for among the labelled, as the partial index says it.
  const some = `c.labelled_by <> '{}'`
  const isLabelled = by === undefined ? some : `${some} and ${value(plain(by))} = any(c.labelled_by)`
  // Said the way the partial index says it.
  const isNot = by === undefined ? `c.labelled_by = '{}'` : `not (${isLabelled})`
  if (state === 'open') tests.push(isNot)
  else if (state === 'labelled' || by !== undefined) tests.push(isLabelled)
  // Named only where it is asked: a parameter that no condition names is refused.
  const isOpenTo = () =>
    reader === undefined ? 'true' : `(c.labelled_by = '{}' or ${value(plain(reader))} = any(c.labelled_by))`
  const is = (wanted: boolean, test: string) => (wanted ? test : `not (${test})`)
  if (filter.disagreement !== undefined)
    tests.push(is(filter.disagreement, `c.disagreement and ${isOpenTo()}`))
  if (filter.discuss !== undefined) tests.push(is(filter.discuss, 'c.discuss'))
  if (filter.uncertain !== undefined) tests.push(is(filter.uncertain, `c.uncertain and ${isOpenTo()}`))
  if (assignedTo !== undefined)
    tests.push(`c.assigned <> '{}' and ${value(plain(assignedTo))} = any(c.assigned)`)
  for (const word of (filter.search ?? '').toLowerCase().split(/\s+/).filter(Boolean))
    tests.push(`c.search like ${value(`%${plain(word).replace(/[\\%_]/g, '\\$&')}%`)}`)
  return tests.length > 0 ? tests.map(test => `(${test})`).join(' and ') : 'true'
}
