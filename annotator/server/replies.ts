/** What the routes answer, by what they are about, in plain types: the page may import them beside the typed client. Times are ISO 8601. */
export type * from './replies/cases.ts'
export type * from './replies/cycles.ts'
export type * from './replies/documents.ts'
export type * from './replies/identity.ts'
export type * from './replies/queue.ts'
export type * from './replies/readers.ts'
export type * from './replies/statistics.ts'
