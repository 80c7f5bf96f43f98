import { writeSync } from 'node:fs'
import { openJournal } from '../../../data/journal/append.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'

// Appends acts, a few at a time, and says the operation of each that is confirmed, until it is killed.
const [path, from] = process.argv.slice(2)
const journal = await openJournal(path!, { files: nodeFiles })
for (let i = Number(from); ; i += 3) {
  const ops = [i, i + 1, i + 2].map(n => `operation-${n}`)
  await Promise.all(
    ops.map(async op => {
      await journal.append({ op, who: 'ann', case: 'c', base: 0, act: { kind: 'note', text: op } })
      writeSync(1, `${op}\n`)
    }),
  )
}
