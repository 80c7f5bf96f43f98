import { LesionloopError } from '../../errors.ts'

/** What somebody is told who still writes to a workspace that was moved away. */
export const moved = (): LesionloopError =>
  new LesionloopError(
    'database-moved',
    'database: this workspace was moved to a folder with `lesionloop migrate`; nothing was saved: start again with its new place',
  )
