import { z } from 'zod'
import { LesionloopError } from '../errors.ts'
import { changeSettings, type Workspace } from '../workspace/open.ts'

const line = z.string().trim().min(1).max(500)

/** What a dataset is published as. Only people know it: what is not said is left out of card and Croissant file. */
export const publicationSchema = z.strictObject({
  title: line.optional(),
  /** The person or group that answers for the dataset. */
  creator: line.optional(),
  /** Of the labels and the collection; the pictures stay under their papers' licences. An SPDX id where there is one. */
  licence: line.optional(),
  /** Where the dataset is to be found. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** MAJOR.MINOR.PATCH, as Croissant asks for. */
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'expected three numbers, such as 1.0.0')
    .optional(),
})
export type Publication = z.infer<typeof publicationSchema>

/** Its fields, and what each is called on the command line. */
export const PUBLICATION_FLAGS = {
  title: 'title',
  creator: 'creator',
  licence: 'licence-of-dataset',
  url: 'url',
  version: 'dataset-version',
} as const satisfies Record<keyof Publication, string>

/** What the workspace says of its dataset, with `given` over it. @throws LesionloopError `dataset-description`. */
export function publicationOf(workspace: Workspace, given: Publication = {}): Publication {
  const kept = workspace.settings['dataset']
  const said = { ...(kept !== null && typeof kept === 'object' ? kept : {}), ...given }
  const checked = publicationSchema.safeParse(said)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const field = String(issue?.path[0] ?? 'dataset')
  throw new LesionloopError(
    'dataset-description',
    `dataset: ${field}: ${String((said as Record<string, unknown>)[field])}: ${issue?.message ?? 'not as expected'}; say it again with \`lesionloop dataset describe\``,
    { field },
  )
}

/** Keeps what is given in the workspace; what was said before stays. */
export async function describeDataset(workspace: Workspace, given: Publication): Promise<Publication> {
  const said = publicationOf(workspace, given)
  await changeSettings(workspace, { dataset: said })
  return said
}

/** What a publication still wants, by field. */
export const unsaid = (publication: Publication): (keyof Publication)[] =>
  (Object.keys(PUBLICATION_FLAGS) as (keyof Publication)[]).filter(field => publication[field] === undefined)
