import type { Act } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { Account } from '../../../data/records/people.ts'
import type { Role } from '../../../data/records/vocabulary.ts'

/** Who is there, what they may do and how the desk is set. */

/** Every refusal: the status says the class, `code` is for programs, `message` says what to do. */
export interface ErrorReply {
  error: { code: string; message: string; details?: Record<string, unknown> }
}

/** Somebody else decided meanwhile: the case as it stands now, and the acts since the base that was sent. */
export interface ConflictReply extends ErrorReply {
  state: CaseState
  acts: Act[]
}

/** What a person may do; see rules.ts. */
export type Permission = 'read' | 'review' | 'adjudicate' | 'train' | 'curate' | 'export'

export interface MeReply {
  /** null: not logged in. */
  account: Account | null
  /** True where the session was opened by the link that `serve` printed: may switch to any person. */
  owner: boolean
  permissions: Permission[]
  version: string
  /** Last part of the workspace's folder, for the page's title. */
  workspace: string
  /** Whether anybody can log in with name and password. */
  passwords: boolean
}

/** Who may be picked with a link that has not been used yet. */
export interface LinkReply {
  /** Set where the link is for one person; else a person is picked from `people`, or a new name is given. */
  for: Account | null
  people: Account[]
  /** Role that a new name gets. */
  role: Role
}

export interface SettingsReply {
  goal: number | null
  /** Whether what the text said is proposed to the annotator; false: blind reading. */
  showText: boolean
  /** Whether the model's opinion is proposed where the text is silent. */
  showModel: boolean
  /** Share of the cases (0…1) whose mined label and model's opinion are hidden until the first decision. */
  blindShare: number
  /** Share of a reader's cases that come again, and after how many other decisions. */
  repeatShare: number
  repeatAfter: number
  /** Whether the page asks for each next case, so that two people don't meet at one: over a database. */
  lends: boolean
}
