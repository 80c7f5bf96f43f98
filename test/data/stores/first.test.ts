import { expect, test } from 'vitest'
import { openStore } from '../../../data/stores/open.ts'
import { draft, labelAct, newWorkspace, samplePanels } from './sample.ts'

test('acts and cases go round', async () => {
  const w = await newWorkspace()
  const store = await openStore(w, { write: ['labels', 'cases'] })
  await store.cases.put('doc-1', samplePanels('AB'))
  const id = 'doc-1#Figure 1#A'
  const { state } = await store.acts.append('ann', draft(id, 0, labelAct({ GGO: 'present' })))
  expect(state.version).toBe(1)
  expect(state.truth.lesions.GGO).toEqual({ value: 'present', source: 'expert' })
  await expect(store.acts.append('bob', draft(id, 0, labelAct()))).rejects.toMatchObject({
    code: 'act-conflict',
  })
  const many = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      store.acts.append('bob', draft(id, 1 + i, { kind: 'note', text: `${i}` })),
    ),
  )
  expect(many.at(-1)!.state.version).toBe(51)
  await store.close()
  const again = await openStore(w)
  expect((await again.cases.get(id))!.version).toBe(51)
  expect((await again.cases.list({ state: 'labelled' })).total).toBe(1)
  await again.close()
})
