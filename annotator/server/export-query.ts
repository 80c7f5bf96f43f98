import { z } from 'zod'
import type { ExportChoice } from '../../data/formats/export-choice.ts'
import { SIDES } from '../../data/records/vocabulary.ts'
import { yesNo } from './query.ts'

const words = (text: string) =>
  text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')

/** The filters of an export as query fields; lists by comma. */
export const choiceFields = {
  onlyExpert: yesNo.optional(),
  withRetracted: yesNo.optional(),
  withGiven: yesNo.optional(),
  split: z
    .string()
    .transform(text => SIDES.filter(side => words(text).includes(side)))
    .optional(),
  licence: z.string().max(2000).transform(words).optional(),
  minAgreement: z
    .string()
    .regex(/^(0(\.\d{1,4})?|1(\.0{1,4})?)$/, 'a share from 0 to 1 is expected')
    .transform(Number)
    .optional(),
}

/** The choice of a checked query; fields that were not given choose nothing. */
export function choiceOf(query: {
  onlyExpert?: boolean | undefined
  withRetracted?: boolean | undefined
  withGiven?: boolean | undefined
  split?: (typeof SIDES)[number][] | undefined
  licence?: string[] | undefined
  minAgreement?: number | undefined
}): ExportChoice {
  return {
    onlyExpert: query.onlyExpert ?? false,
    withRetracted: query.withRetracted ?? false,
    withGiven: query.withGiven ?? false,
    ...(query.split?.length ? { sides: query.split } : {}),
    ...(query.licence?.length ? { licences: query.licence } : {}),
    ...(query.minAgreement === undefined ? {} : { minAgreement: query.minAgreement }),
  }
}

/** A choice as the command line takes it; written in one word each, so that no value is taken for an option. */
export function choiceArguments({
  onlyExpert,
  withRetracted,
  withGiven,
  sides,
  licences,
  minAgreement,
}: ExportChoice): string[] {
  return [
    ...(onlyExpert ? ['--only-expert'] : []),
    ...(withRetracted ? ['--with-retracted'] : []),
    ...(withGiven ? ['--with-given'] : []),
    ...(sides ? [`--split=${sides.join(',')}`] : []),
    ...(licences ? [`--licence=${licences.join(',')}`] : []),
    ...(minAgreement === undefined ? [] : [`--min-agreement=${minAgreement}`]),
  ]
}
