import { LesionloopError } from '../data/errors.ts'
import { ROLES, type Role } from '../data/records/vocabulary.ts'

/** @throws LesionloopError `usage` where it is no role. */
export function roleOf(given: string): Role {
  const role = ROLES.find(each => each === given)
  if (role) return role
  throw new LesionloopError('usage', `role: ${given}: expected ${ROLES.join(', ')}`)
}
