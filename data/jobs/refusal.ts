import { LesionloopError } from '../errors.ts'

/** What the machine, the database or a neighbour did, said in words too: it may pass. */
const MAY_PASS = /^(database-|job-ended|lock-held|file-crashed|store-|storage-)/

/** Whether an error says what is wrong with what was given, so that trying again would come to the same. */
export const isRefusal = (error: unknown): error is LesionloopError =>
  error instanceof LesionloopError && !MAY_PASS.test(error.code)
