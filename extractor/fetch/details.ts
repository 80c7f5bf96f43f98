import { z } from 'zod'
import type { DocumentRecord, Withdrawal } from '../../data/records/document.ts'
import { readJsonIfThere } from '../../data/workspace/files.ts'
import { licenceOf } from '../jats/licence.ts'

export const SERVERS = ['medrxiv', 'biorxiv'] as const
export type ServerName = (typeof SERVERS)[number]

/** Texts are cut at this length: an abstract is shorter. */
const text = z.string().transform(value => value.slice(0, 20_000))
const said = text
  .nullish()
  .transform(value => (value && value.trim() !== '' && value !== 'NA' ? value.trim() : undefined))

/**
 * One version of a preprint as the servers' details say it (api.biorxiv.org, `/details`). Numbers come as text; what is
 * not there is empty, null or "NA". Fields we have no use for are left out.
 */
export const preprint = z.object({
  doi: z
    .string()
    .regex(/^10\.\d{4,9}\/[^\s?#]{1,200}$/)
    .refine(doi => !doi.split('/').includes('..'))
    .transform(doi => doi.toLowerCase()),
  version: z.coerce.number().int().min(1).max(999),
  title: said,
  abstract: said,
  date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}/)
    .transform(date => date.slice(0, 10))
    .nullish()
    .catch(undefined),
  type: said,
  license: said,
  category: said,
  jatsxml: said,
  published: said,
  server: said,
})
export type Preprint = z.infer<typeof preprint>

/** Beside a fetched file: what its server said of it. */
export const DETAILS_FILE = 'details.json'
export const fetchedDetails = preprint.extend({ server: z.string(), checkedAt: z.string() })
export type FetchedDetails = z.infer<typeof fetchedDetails>

/**
 * Whether a preprint was taken back. The servers mark it in the type, or post a last version whose title or abstract
 * says so.
 */
export function withdrawalOf({ type, title, abstract, date }: Preprint): Withdrawal | undefined {
  const byType = /withdraw|retract|removed/i.test(type ?? '') ? `type: ${type}` : undefined
  const byTitle = /^\W*(withdrawn|withdrawal|retracted|retraction|removed)\b/i.test(title ?? '')
    ? title
    : undefined
  const byAbstract =
    /^\W*(?:(?:this|the) (?:article|manuscript|preprint|paper|study)\b.{0,40}\b(?:has|have) been (?:withdrawn|retracted|removed)|the authors? (?:have|has) (?:withdrawn|retracted)|withdrawal statement|retraction statement)/i.test(
      abstract ?? '',
    )
      ? abstract
      : undefined
  const reason = byType ?? byTitle ?? byAbstract
  if (reason === undefined) return undefined
  const kind = /retract/i.test(`${byType ?? ''} ${byTitle ?? ''} ${byAbstract ?? ''}`)
    ? 'retracted'
    : 'withdrawn'
  return { kind, reason: reason.slice(0, 300), ...(date ? { date } : {}) }
}

/** The document's fields that its server knows. */
export function factsOf(details: FetchedDetails): Partial<DocumentRecord> {
  const { doi, version, title, abstract, date, license, published, server, checkedAt } = details
  const withdrawn = withdrawalOf(details)
  return {
    doi,
    version,
    ...(title ? { title } : {}),
    ...(abstract ? { abstract } : {}),
    ...(date ? { date, versionDate: date } : {}),
    ...(license ? { licence: licenceOf(license) } : {}),
    ...(published ? { publishedDoi: published } : {}),
    ...(withdrawn ? { withdrawn } : {}),
    server,
    checkedAt,
  }
}

/** What a fetched file's server said of it; undefined where the file was not fetched. @throws `file-damaged`, `file-invalid` */
export async function detailsBeside(folder: string): Promise<FetchedDetails | undefined> {
  return await readJsonIfThere(`${folder}/${DETAILS_FILE}`, fetchedDetails)
}
