import { hc } from 'hono/client'
import type { AppType } from '../../server/app.ts'
import type { CaseList } from '../../server/replies.ts'
import type { DoublesReply } from '../../server/routes/doubles.ts'
import { answer } from './refusal.ts'

const { api } = hc<AppType>('/')

/** Cases that show the same slice as this one. */
export const getDoubles = (id: string) => answer<DoublesReply>(api.doubles.$get({ query: { id } }))
export const getDoubleCases = (offset: number, limit: number) =>
  answer<CaseList>(api.doubles.cases.$get({ query: { offset: String(offset), limit: String(limit) } }))
export const countDoubles = () => answer<{ pairs: number; cases: number }>(api.doubles.count.$get())
/** A curator's word: they are two slices after all (`apart`), or one (`linked`). */
export const decideDouble = (json: Parameters<typeof api.doubles.$post>[0]['json']) =>
  answer<{ done: true }>(api.doubles.$post({ json }))
