import type { Role } from './vocabulary.ts'

/** A person, in accounts.json. */
export interface Account {
  id: string
  name: string
  role: Role
  createdAt: string
  /** Set where the person may no longer log in. */
  disabledAt?: string
}

/** Somebody's way in, as it is kept: never the token itself, only its hash. */
export interface Session {
  account: string
  /** Opened by the link that `serve` printed: may switch to any person. */
  owner: boolean
  createdAt: string
  expiresAt: string
}

/** A link that lets one in once. */
export interface LoginLink {
  /** Account id the link is for; null: the owner's link, whose user picks a person or gives a new name. */
  account: string | null
  expiresAt: string
}
