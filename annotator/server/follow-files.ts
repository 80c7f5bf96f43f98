import { messageOf } from '../../data/errors.ts'
import { rereadSettings } from '../../data/workspace/open.ts'
import type { Desk } from './context.ts'
import { warnOnce } from './warnings.ts'

/** Other machines' cycles and documents are looked for this often, where nothing told of them. */
const LOOK_MS = 30_000
/** Looking costs at most this share of the time: a storage of many documents takes long to list. */
const SHARE = 0.1
/** Cases are told of before their document's record is written: for this long it is looked often. */
const EAGER_MS = 15_000
const EAGERLY_MS = 1000

/**
 * Keeps this server's copies of records and cycles up with the storage that all machines share: when the database tells
 * of cases or a queue, and now and then. Nothing to do where the folder is all there is.
 * @param everyMs how often it looks by itself. @returns stops following.
 */
export function followFiles(desk: Desk, everyMs = LOOK_MS): () => void {
  const { shared } = desk.workspace
  if (!shared) return () => undefined
  let timer: NodeJS.Timeout | undefined
  let isPulling = false
  let eagerUntil = 0
  let notBefore = 0

  function plan(inMs: number): void {
    clearTimeout(timer)
    timer = setTimeout(look, inMs).unref()
  }

  function look(): void {
    if (isPulling) return
    isPulling = true
    const began = Date.now()
    void takeIn()
      .catch((error: unknown) => warnOnce(messageOf(error)))
      .finally(() => {
        isPulling = false
        const pause = (Date.now() - began) / SHARE
        notBefore = Date.now() + pause
        const next = Date.now() < eagerUntil ? EAGERLY_MS : everyMs
        if (!desk.stopping.aborted) plan(Math.max(next, pause))
      })
  }

  async function takeIn(): Promise<void> {
    const { changed, problems } = await shared!.pull()
    for (const problem of problems) warnOnce(problem)
    if (changed.length === 0) return
    await rereadSettings(desk.workspace)
    desk.cycles.forget()
    desk.documents.forget()
    desk.queue.forget()
    desk.live.tell({ type: 'workspace' })
  }

  const unlisten = desk.store.listen(change => {
    if (change.type === 'act') return
    const wasEager = Date.now() < eagerUntil
    eagerUntil = Date.now() + EAGER_MS
    if (!wasEager) plan(Math.max(0, notBefore - Date.now()))
  })
  plan(everyMs)
  return () => {
    unlisten()
    clearTimeout(timer)
  }
}
