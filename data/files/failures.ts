import { LesionloopError } from '../errors.ts'

/** What arrived is not what was put. */
export const damaged = (shown: string, key: string) =>
  new LesionloopError(
    'files-damaged',
    `files: ${shown}: ${key}: what arrived is not what was put there; put back a copy of it, or mine its document again, then \`lesionloop files verify\``,
    { key },
  )

/** Something that the workspace names is not on the storage. */
export const absentObject = (shown: string, key: string) =>
  new LesionloopError(
    'files-absent',
    `files: ${shown}: ${key}: not there; \`lesionloop files push\` on the machine that has it, or mine its document again`,
    { key },
  )

export const changedElsewhere = (shown: string, key: string) =>
  new LesionloopError(
    'files-changed',
    `files: ${shown}: ${key}: another machine changed it meanwhile; what it wrote is here now: do it again`,
    { key },
  )
