import { databaseOf } from '../../stores/database-address.ts'
import { openStore } from '../../stores/open.ts'
import { openDatabase } from '../../stores/postgres/connection.ts'
import { workspaceNumber } from '../../stores/postgres/schema.ts'
import type { Workspace } from '../../workspace/open.ts'
import { fanOut, type Handler, type Handlers, type NewPiece, type Outcome, type Working } from './work.ts'

/** Fewer pictures than this are computed where the job is done: others would take as long to begin. */
export const FEW_PICTURES = 200

/** What `--plan-shards` of `cycle` and `predict` answers (trainer/cycle/picture-work.ts). */
interface Plan {
  of: number
  shards: number[]
  missing: number
}

/**
 * A cycle: what is not yet computed of the pictures is done in shards by any number of workers, then one worker trains
 * and seals. Pictures that no shard came to are computed in the training, so that none is needed for it.
 */
const cycle: Handler = {
  async run(working) {
    const { job, piece } = working
    const train: NewPiece = { ...sameAs(working), step: 'train', kind: 'train', name: piece.name, data: null }
    const shards = await shardsToDo(working)
    if (shards.length > 0) return fanOut('reading features', shards, train)
    return { result: await working.runVerb(job.args) }
  },
}

/** Scores of all pictures, kept for whoever puts them together (`lesionloop predict` with the same model). */
const predict: Handler = {
  async run(working): Promise<Outcome> {
    const shards = await shardsToDo(working)
    return shards.length > 0 ? fanOut('scoring pictures', shards) : { result: { shards: 0 } }
  },
}

/** A shard that comes to no end is left out: its pictures are computed by whoever puts the shards together. */
const shard: Handler = {
  run: async ({ job, piece, runVerb }) => ({
    result: await runVerb([...job.args, '--shard', (piece.data as { shard: string }).shard]),
  }),
  async putAside({ piece, report }, error) {
    const message = `${piece.name}: put aside after several tries: ${error.message}`
    report({
      step: piece.name,
      done: 0,
      total: null,
      problem: { item: piece.name, code: error.code, message },
    })
    return null
  },
}

/** Handlers of what is done picture by picture; the step `train` is the job's own verb. */
export const pictureHandlers: Handlers = { cycle, predict, shard }

const sameAs = ({ piece }: Working) => (piece.gpu ? { gpu: piece.gpu } : {})

async function shardsToDo(working: Working): Promise<NewPiece[]> {
  const { job, workspace, runVerb } = working
  const isAskedFor = job.args.some(arg => /^--shards\b/.test(arg))
  if (!isAskedFor && (await isSmall(workspace))) return []
  const { of, shards, missing } = (await runVerb([...job.args, '--plan-shards'])) as Plan
  if (!isAskedFor && missing < FEW_PICTURES) return []
  if (!(await someoneDoes(workspace))) return []
  return shards.map(at => ({
    ...sameAs(working),
    step: 'shard',
    kind: 'predict',
    name: `shard ${at} of ${of}`,
    data: { shard: `${at}/${of}` },
  }))
}

async function isSmall(workspace: Workspace): Promise<boolean> {
  const store = await openStore(workspace)
  try {
    return (await store.cases.count()) < FEW_PICTURES
  } finally {
    await store.close()
  }
}

/** Whether a worker that takes shards has been heard of lately. */
async function someoneDoes(workspace: Workspace): Promise<boolean> {
  const database = openDatabase(databaseOf(workspace)!)
  try {
    const rows = await database.ask(
      `select id from lesionloop.workers where workspace = $1 and 'predict' = any(kinds)
       and beat_at > now() - interval '30 s' limit 1`,
      [await workspaceNumber(database)],
    )
    return rows.length > 0
  } finally {
    await database.close()
  }
}
