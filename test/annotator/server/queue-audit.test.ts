import { describe, expect, test } from 'vitest'
import { Cycles } from '../../../annotator/server/cycles.ts'
import { CurrentQueue } from '../../../annotator/server/queue-view.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Store } from '../../../data/stores/store.ts'
import { sealCycle, smallWorkspace } from './desk-under-test.ts'

/** The real store, with what the queue asked it counted. */
async function opened() {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  const store = await openStore(workspace)
  let builds = 0
  const areOpen = store.queue.areOpen.bind(store.queue)
  const counting: Store = {
    ...store,
    cases: store.cases,
    queue: {
      ...store.queue,
      areOpen: ids => {
        builds++
        return areOpen(ids)
      },
    },
  }
  const queue = new CurrentQueue(counting, new Cycles(workspace))
  return { queue, store, builds: () => builds }
}

describe('the current queue', () => {
  test('knows its audit without being built anew where only cases came in', async () => {
    const { queue, store, builds } = await opened()
    const { audits } = await queue.view()
    queue.forgetCases()
    expect(await queue.audits()).toBe(audits)
    expect(builds()).toBe(1)
    await queue.view()
    expect(builds()).toBe(2)
    await store.close()
  })

  test('looks again where the queue itself may be another', async () => {
    const { queue, store, builds } = await opened()
    await queue.view()
    queue.forget()
    await queue.audits()
    expect(builds()).toBe(2)
    await store.close()
  })
})
