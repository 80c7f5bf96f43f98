import { PUBLICATION_FLAGS, type Publication, unsaid } from '../data/datasets/publication.ts'
import { LesionloopError } from '../data/errors.ts'
import type { ExportChoice } from '../data/formats/export-choice.ts'
import { SIDES } from '../data/records/vocabulary.ts'

/** The filters of `export` and `dataset freeze`. */
export const CHOICE_ARGUMENTS = {
  'only-expert': { type: 'boolean', description: "leave out cases without an expert's label" },
  split: { type: 'string', description: 'sides that go out, by comma: train,val,test', valueHint: 'SIDES' },
  'min-agreement': {
    type: 'string',
    description:
      'share of agreement (0 to 1) that a case’s readers must reach; leaves out what fewer than two read',
    valueHint: 'SHARE',
  },
  licence: {
    type: 'string',
    description: 'recorded licences that go out, by comma; "unknown": none recorded',
    valueHint: 'LICENCES',
  },
  'with-retracted': { type: 'boolean', description: 'keep cases of withdrawn and retracted documents' },
  'with-given': {
    type: 'boolean',
    description: 'keep pictures that people gave; their consent is for use here, so ask them first',
  },
} as const

/** What the curator says of the dataset; kept by `dataset describe`, said for one export alone here. */
export const PUBLICATION_ARGUMENTS = {
  title: { type: 'string', description: 'title of the dataset', valueHint: 'TEXT' },
  creator: { type: 'string', description: 'person or group that answers for it', valueHint: 'NAME' },
  'licence-of-dataset': {
    type: 'string',
    description: 'licence of the labels and the collection, such as CC-BY-4.0',
    valueHint: 'LICENCE',
  },
  url: { type: 'string', description: 'address where it is to be found', valueHint: 'ADDRESS' },
  'dataset-version': { type: 'string', description: 'three numbers, such as 1.0.0', valueHint: 'VERSION' },
} as const

/** What was said of the dataset on the command line. */
export function publicationGiven(args: Record<string, unknown>): Publication {
  const fields = Object.entries(PUBLICATION_FLAGS).filter(([, option]) => args[option] !== undefined)
  return Object.fromEntries(fields.map(([field, option]) => [field, args[option]]))
}

/** One line that asks for what the Croissant file lacks; undefined where nothing is. */
export function unsaidLine(publication: Publication): string | undefined {
  const options = unsaid(publication).map(field => `--${PUBLICATION_FLAGS[field]}`)
  if (options.length === 0) return undefined
  return `note: card and Croissant file leave out what nobody said: ${options.join(', ')}; say it with \`lesionloop dataset describe\``
}

/** @throws LesionloopError `usage`. */
export function choiceOf(args: {
  'only-expert'?: boolean | undefined
  split?: string | undefined
  'min-agreement'?: string | undefined
  licence?: string | undefined
  'with-retracted'?: boolean | undefined
  'with-given'?: boolean | undefined
}): ExportChoice {
  const words = (text: string) =>
    text
      .split(',')
      .map(word => word.trim())
      .filter(word => word !== '')
  const sides = args.split === undefined ? undefined : words(args.split)
  const odd = sides?.find(side => !SIDES.some(known => known === side))
  if (odd !== undefined || sides?.length === 0)
    throw new LesionloopError(
      'usage',
      `export: --split: ${odd ?? ''}: expected ${SIDES.join(', ')}, by comma`,
    )
  const text = args['min-agreement']
  const share = text === undefined ? undefined : Number(text)
  if (share !== undefined && !(share >= 0 && share <= 1 && text?.trim() !== ''))
    throw new LesionloopError(
      'usage',
      `export: --min-agreement: ${text}: expected a share from 0 to 1, such as 0.8`,
    )
  return {
    onlyExpert: args['only-expert'] ?? false,
    withRetracted: args['with-retracted'] ?? false,
    withGiven: args['with-given'] ?? false,
    ...(sides ? { sides: SIDES.filter(side => sides.includes(side)) } : {}),
    ...(share === undefined ? {} : { minAgreement: share }),
    ...(args.licence === undefined ? {} : { licences: words(args.licence) }),
  }
}

/** One line for each reason for which cases were left out. */
export function leftOutLines(leftOut: Partial<Record<string, number>>): string[] {
  return Object.entries(leftOut).map(([reason, count]) =>
    reason === 'taken back by its server'
      ? `warning: ${count} cases of withdrawn or retracted documents left out; --with-retracted keeps them`
      : `${count} left out: ${reason}`,
  )
}
