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
