/** How much a fault weighs: `severe` spoils what is measured or harms a person, `warning` should be known, `note` is counted. */
export const SEVERITIES = ['severe', 'warning', 'note'] as const
export type Severity = (typeof SEVERITIES)[number]

/** One thing that a reviewer would say of a dataset. */
export interface CheckFinding {
  /** Stable, in kebab case: `leak-document`, `duplicate-across-sides`, `flag-conflict`, `shortcut`, `personal-text` … */
  code: string
  severity: Severity
  /** What is wrong, in one sentence with its numbers. Never holds a caption or the text of a picture. */
  message: string
  /** What to do about it. */
  todo: string
  /** Ids of the cases, or names of what else it is about (documents, patients, lesions). */
  items: string[]
  /** Numbers behind the sentence, for programs. */
  details?: Record<string, unknown>
}

/** What `checkDataset` found, the gravest first. */
export interface CheckReport {
  cases: number
  images: number
  findings: CheckFinding[]
  counts: Record<Severity, number>
}
