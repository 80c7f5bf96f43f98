import { writeSync } from 'node:fs'
import { openStore } from '../../../data/stores/open.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { draft, samplePanels } from './sample.ts'

// Eight people write notes on four documents over a database, and say what is confirmed, until this is killed. An act
// that failed is sent again under its operation, as a page does.
const [dir, address, round] = process.argv.slice(2)
const workspace = await openWorkspace(dir!)
const store = await openStore(workspace, { database: address!, write: ['labels', 'cases'] })
const documents = Array.from({ length: 4 }, (_, i) => `doc-${round}-${i}`)
for (const document of documents) await store.cases.put(document, samplePanels('AB', { document }))
writeSync(1, 'ready\n')
await Promise.all(
  Array.from({ length: 8 }, async (_, person) => {
    const id = `${documents[person % 4]}#Figure 1#${person < 4 ? 'A' : 'B'}`
    for (let i = 0; ; i++) {
      const act = draft(id, i, { kind: 'note', text: `${round} ${person} ${i}` })
      act.op = `${round}-${person}-${i}-note`
      for (;;) {
        try {
          const answer = await store.acts.append('ann', act)
          writeSync(1, `note ${answer.act.seq} ${round} ${person} ${i}\n`)
          break
        } catch (error) {
          if ((error as { code?: string }).code !== 'database-lost') throw error
        }
      }
    }
  }),
)
