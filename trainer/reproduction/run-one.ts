import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { RunOptions } from '../../data/records/job.ts'
import { nodeFiles, readJsonIfThere, writeFileAtomically } from '../../data/workspace/files.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import { loadTrainable } from '../backbones/load.ts'
import { resumeOrBegin } from '../finetune/resume-or-begin.ts'
import { type CovidCtExample, SPLITS } from './covid-ct-examples.ts'
import type { ExternalSet } from './external-set.ts'
import { type PlannedRun, recipe, runName } from './recipe.ts'
import { type JudgedPicture, type RunRecord, runRecord } from './run-record.ts'

export interface RunPlace extends RunOptions {
  /** Where the records of runs lie, one small file each. */
  records: string
  /** Where their states lie while they learn. */
  states: string
  /** Weights of the backbone: a file, or a name on the hub; absent: its own. */
  init?: string
  backend: string
  /** Changed options, for trials; the tables are made of runs without any. */
  changed?: Record<string, unknown>
}

/** The record of a run, where it is there, learned by today's recipe, and knows all the external sets asked for. */
export async function readRun(
  run: PlannedRun,
  records: string,
  external: readonly ExternalSet[] = [],
): Promise<RunRecord | null> {
  const found = await readJsonIfThere(join(records, `${runName(run)}.json`), runRecord)
  if (!found || !isDeepStrictEqual(found.options, withoutUndefined(recipe(run)))) return null
  return external.every(set => set.name in found.external) ? found : null
}

/** All records of a folder that today's recipe made, whatever is planned now, in the order of their files' names. */
export async function readRuns(records: string): Promise<RunRecord[]> {
  const names = await readdir(records).catch(() => [] as string[])
  const found: RunRecord[] = []
  const isRun = (name: string) => SPLITS.some(split => name.startsWith(`${split}-`)) && name.endsWith('.json')
  for (const name of names.filter(isRun).sort()) {
    const record = await readJsonIfThere(join(records, name), runRecord)
    const known = record ? await readRun(record, records) : null
    if (known) found.push(known)
  }
  return found
}

/**
 * Does one run, or goes on with it, and writes its record. Test pictures are judged once, at the end; nothing is chosen
 * by them. @throws as `finetune` does.
 */
export async function doRun(
  run: PlannedRun,
  examples: readonly CovidCtExample[],
  external: readonly ExternalSet[],
  { records, states, init, backend, changed, ...options }: RunPlace,
): Promise<RunRecord> {
  const of = (side: CovidCtExample['side']) => examples.filter(one => one.side === side)
  const backbone = await loadTrainable(run.backbone, { ...(init ? { init } : {}), ...options })
  const chosen = { ...recipe(run), ...changed }
  try {
    const done = await resumeOrBegin(
      {
        train: of('train'),
        validation: of('val'),
        judged: [...of('test'), ...external.flatMap(set => set.items)],
      },
      backbone,
      chosen,
      { ...options, folder: join(states, runName(run)) },
    )
    for (const tensor of done.parameters.values()) tensor.dispose()
    const record: RunRecord = {
      format: 'lesionloop-reproduction-1',
      ...run,
      weights: { name: backbone.weightsName, sha256: backbone.weightsSha256 },
      options: chosen,
      backend,
      code: `lesionloop ${packageVersion()}`,
      keptAt: done.keptAt,
      history: done.history.map(epoch =>
        Object.fromEntries(Object.entries(epoch).map(([name, value]) => [name, rounded(value)])),
      ),
      pictures: [...of('val'), ...of('test')].flatMap(({ id, side, group, truth }): JudgedPicture[] => {
        const logits = done.logits.get(id)
        return logits ? [{ id, side, group, truth, logits: Array.from(logits, z => rounded(z)!) }] : []
      }),
      external: Object.fromEntries(
        external.map(({ name, items }) => [
          name,
          items.flatMap(({ id, flag }) => {
            const logits = done.logits.get(id)
            return logits ? [{ id, flag, logit: rounded(logits[0]!)! }] : []
          }),
        ]),
      ),
      leftOut: done.leftOut,
    }
    await writeFileAtomically(nodeFiles, join(records, `${runName(run)}.json`), compact(record))
    return record
  } finally {
    for (const tensor of backbone.parameters.values()) tensor.dispose()
  }
}

/** As it comes back from JSON. */
const withoutUndefined = (options: object): unknown => JSON.parse(JSON.stringify(options))

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1e5) / 1e5)

/** A line for each picture and epoch, so that a difference of two records can be read. */
function compact({ pictures, history, external, ...rest }: RunRecord): string {
  const lines = (rows: readonly unknown[]) =>
    `[\n${rows.map(row => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, '')
  return `${head},\n  "history": ${lines(history)},\n  "pictures": ${lines(pictures)},\n  "external": ${JSON.stringify(external)}\n}\n`
}
