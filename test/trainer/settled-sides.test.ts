import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSplit } from '../../data/splits/keep.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { readCases } from '../../trainer/cycle/corpus.ts'
import { fillWithPhantoms } from './phantom-cases.ts'

test('looking at cases writes no split, learning from them writes the first one down', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-sides-'))
  try {
    const workspace = await openWorkspace(dir, { create: true })
    await fillWithPhantoms(workspace, 12)
    const { split } = await readCases(workspace)
    expect(await readSplit(workspace)).toBeUndefined()
    const learned = await readCases(workspace, { isToLearn: true })
    expect(learned.split.cases).toEqual(split.cases)
    expect(await readSplit(workspace)).toEqual(learned.split)
  } finally {
    await nodeFiles.remove(dir)
  }
}, 60_000)
