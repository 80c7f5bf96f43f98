import { parseArgs } from 'citty'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { choiceArguments } from '../../../annotator/server/export-query.ts'
import { CHOICE_ARGUMENTS, choiceOf } from '../../../cli/export-arguments.ts'

test('a choice made on the page is the same choice on the command line that the job runs', () => {
  const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
  fc.assert(
    fc.property(
      fc.record({ onlyExpert: fc.boolean(), withRetracted: fc.boolean(), withGiven: fc.boolean() }),
      some(fc.subarray(['train', 'val', 'test'] as const, { minLength: 1 })),
      some(fc.subarray(['CC-BY-4.0', 'unknown', '-x', 'All rights reserved'], { minLength: 1 })),
      some(fc.integer({ min: 0, max: 10_000 }).map(share => share / 10_000)),
      (asked, sides, licences, minAgreement) => {
        const choice = {
          ...asked,
          ...(sides ? { sides } : {}),
          ...(licences ? { licences } : {}),
          ...(minAgreement === undefined ? {} : { minAgreement }),
        }
        expect(
          choiceOf(parseArgs<typeof CHOICE_ARGUMENTS>(choiceArguments(choice), CHOICE_ARGUMENTS)),
        ).toEqual(choice)
      },
    ),
  )
})
