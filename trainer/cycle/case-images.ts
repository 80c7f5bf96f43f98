import { openStore } from '../../data/stores/open.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { isInShard, type Shard } from '../features/shard.ts'

/** The distinct images of the CT cases as they stand, in the order of their ids; those of one shard where one is named. */
export async function caseImages(
  workspace: Workspace,
  shard?: Shard,
): Promise<{ id: string; file: string }[]> {
  const store = await openStore(workspace)
  try {
    const files = new Map<string, string>()
    for await (const { image, imageFile, kind } of store.cases.all())
      if (kind.kind === 'ct' && (!shard || isInShard(image, shard))) files.set(image, imageFile)
    return [...files].map(([id, file]) => ({ id, file })).sort((a, b) => (a.id < b.id ? -1 : 1))
  } finally {
    await store.close()
  }
}
