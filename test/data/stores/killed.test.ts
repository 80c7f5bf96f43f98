import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../../data/stores/open.ts'
import { newWorkspace } from './sample.ts'

const program = [
  join(import.meta.dirname, '../workspace/run-typescript.mjs'),
  join(import.meta.dirname, 'work-for-ever.ts'),
]

test('a store whose process is killed in mid-work opens again with all it confirmed, once, and its locks are free', {
  timeout: 60_000,
}, async () => {
  const workspace = await newWorkspace()
  const confirmed: string[] = []
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [...program, workspace.dir, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString()
      if (said.split('\n').length > 30 + round * 17) child.kill('SIGKILL')
    })
    await once(child, 'close')
    confirmed.push(...said.split('\n').slice(0, -1))

    const store = await openStore(workspace, { write: ['labels', 'cases'] })
    const documents = new Set<string>()
    const labelled = new Set<string>()
    for await (const state of store.cases.all()) {
      documents.add(state.document!)
      expect(state.labels.length).toBeLessThanOrEqual(1)
      if (state.labels.length) labelled.add(state.id)
      // A document is there with all its cases or not at all.
      expect(await store.cases.siblings(state.id)).toHaveLength(2)
    }
    for (const line of confirmed) {
      const [what, ...id] = line.split(' ')
      expect(what === 'put' ? documents : labelled).toContain(id.join(' '))
    }
    await store.close()
  }
  expect(confirmed.length).toBeGreaterThan(100)
})
