import { expect, it } from 'vitest'
import { Cycles } from '../../../annotator/server/cycles.ts'
import { CurrentQueue } from '../../../annotator/server/queue-view.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Store } from '../../../data/stores/store.ts'
import { LABEL, newOp, sealCycle, smallWorkspace } from './desk-under-test.ts'

/** A queue over a real store, with something done just after it has read which cases are open. */
async function interrupted(meanwhile: (queue: CurrentQueue, store: Store) => Promise<void>) {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  const store = await openStore(workspace, { write: ['labels'] })
  let times = 0
  const queue: CurrentQueue = new CurrentQueue(
    {
      ...store,
      queue: {
        ...store.queue,
        areOpen: async ids => {
          const open = await store.queue.areOpen(ids)
          if (times++ === 0) await meanwhile(queue, store)
          return open
        },
      },
    },
    new Cycles(workspace),
  )
  return { queue, store, reads: () => times }
}

it('a case decided while the queue is being read is not handed out again', async () => {
  let decided = ''
  const { queue, store } = await interrupted(async (own, of) => {
    decided = (await of.queue.order()).cases[0]!
    const { state } = await of.acts.append('ada', { op: newOp(), case: decided, base: 0, act: LABEL })
    own.take(state)
  })
  const view = await queue.view()
  expect([view.isOpen(decided), view.open]).toEqual([false, view.length - 1])
  expect(view.page({ open: true, offset: 0, limit: 1 })[0]?.case).not.toBe(decided)
  expect(await queue.view()).toBe(view)
  await store.close()
})

it('cases that come in while the queue is being read have it read once more', async () => {
  const { queue, store, reads } = await interrupted(async own => own.forget())
  await queue.view()
  const second = await queue.view()
  expect([reads(), await queue.view()]).toEqual([2, second])
  await store.close()
})
