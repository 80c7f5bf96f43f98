import { writeSync } from 'node:fs'
import { openStore } from '../../../data/stores/open.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { draft, labelAct, samplePanels } from './sample.ts'

// Puts documents and labels their cases, and says what is confirmed, until it is killed.
const [dir, round] = process.argv.slice(2)
const workspace = await openWorkspace(dir!)
const store = await openStore(workspace, { write: ['labels', 'cases'], snapshotAfter: 5 })
for (let i = 0; ; i++) {
  const document = `doc-${round}-${i}`
  await store.cases.put(document, samplePanels('AB', { document }))
  writeSync(1, `put ${document}\n`)
  await Promise.all(
    ['A', 'B'].map(async panel => {
      const act = draft(`${document}#Figure 1#${panel}`, 0, labelAct())
      await store.acts.append('ann', { ...act, op: `${round}-${act.op}` })
      writeSync(1, `label ${document}#Figure 1#${panel}\n`)
    }),
  )
}
