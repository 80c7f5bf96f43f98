import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { Progress } from '../../data/records/job.ts'
import { nodeFiles, writeFileAtomically } from '../../data/workspace/files.ts'
import { BACKBONES, loadTrainable } from '../backbones/load.ts'
import { chooseBackend } from '../backend/choose-backend.ts'
import type { LossName } from '../model/losses/losses.ts'
import { cacheFolder } from '../weights/cache-folder.ts'
import { measuredSpeed, secondsOf } from './budget.ts'
import { type CovidCtExample, covidCtExamples, SPLITS, type SplitName } from './covid-ct-examples.ts'
import { reproductionPage } from './document.ts'
import { readExternalSet } from './external-set.ts'
import { type PlannedRun, plan, recipe, runName } from './recipe.ts'
import { doRun, readRun, readRuns } from './run-one.ts'
import { shortcutOf } from './shortcut-of-split.ts'

export interface Reproduction {
  /** Folder of COVID-CT with the LA-DNN split. */
  data: string
  /** Backbone → its weights' file, or name on the hub. */
  weights: ReadonlyMap<string, string>
  seeds: readonly number[]
  splits: readonly SplitName[]
  losses: readonly LossName[]
  /** Folders of external test sets. */
  external: readonly string[]
  backend: string
  records: string
  states?: string
  /** Where the page is written. */
  document: string
  /** `plan`: say what it would cost; `table`: write the page of the runs there. */
  only: 'plan' | 'table' | null
  signal?: AbortSignal
  say: (line: string) => void
}

/**
 * Does all runs that are not there yet and writes the page after each, from whatever runs there are.
 * @throws LesionloopError as `finetune` does, `backbone-unknown`, `external-layout`.
 */
export async function reproduce(wanted: Reproduction): Promise<void> {
  const { say, signal, records } = wanted
  const external = await Promise.all(wanted.external.map(readExternalSet))
  const states = wanted.states ?? join(cacheFolder(), 'reproduction')
  const runs = plan({
    backbones: knownBackbones(wanted.weights),
    seeds: wanted.seeds,
    splits: wanted.splits,
    losses: wanted.losses,
  })
  const examples = new Map<SplitName, CovidCtExample[]>()
  for (const split of SPLITS) examples.set(split, await covidCtExamples(wanted.data, split))

  let done = 0
  const open: PlannedRun[] = []
  for (const run of runs) {
    const found = await readRun(run, records, external)
    if (found) done++
    else open.push(run)
  }
  say(`${done} of ${runs.length} runs are there`)
  if (wanted.only !== 'table' && open.length > 0) {
    const backend = await chooseBackend(wanted.backend)
    say(`backend: ${backend.reason}`)
    await sayBudget(open)
    if (wanted.only === 'plan') return
    for (const [at, run] of open.entries()) {
      say(`run ${at + 1} of ${open.length}: ${runName(run)}`)
      const init = wanted.weights.get(run.backbone)
      await doRun(run, examples.get(run.split)!, external, {
        records,
        states,
        backend: backend.reason,
        ...(init ? { init } : {}),
        ...(signal ? { signal } : {}),
        onProgress: tellEpochs(say),
      })
      await writePage()
    }
  }
  await writePage()

  async function sayBudget(list: readonly PlannedRun[]): Promise<void> {
    let all = 0
    for (const name of new Set(list.map(run => run.backbone))) {
      const init = wanted.weights.get(name)
      const backbone = await loadTrainable(name, init ? { init } : {})
      const mine = list.filter(run => run.backbone === name)
      const speed = measuredSpeed(backbone, recipe(mine[0]!))
      for (const tensor of backbone.parameters.values()) tensor.dispose()
      const seconds = mine.reduce((sum, run) => {
        const of = (side: string) => examples.get(run.split)!.filter(one => one.side === side).length
        const counts = { train: of('train'), val: of('val'), test: of('test') }
        return sum + secondsOf(recipe(run), counts, speed)
      }, 0)
      all += seconds
      say(`budget: ${name}: ${mine.length} runs, ${speed.toFixed(1)} images/s: about ${minutes(seconds)}`)
    }
    say(`budget: about ${minutes(all)} in all; stop and start again at will`)
  }

  async function writePage(): Promise<void> {
    const shortcuts = new Map(
      await Promise.all([...examples].map(async ([split, of]) => [split, await shortcutOf(of)] as const)),
    )
    const there = await readRuns(records)
    await writeFileAtomically(nodeFiles, wanted.document, reproductionPage(there, shortcuts))
    say(`written: ${wanted.document}`)
  }
}

function knownBackbones(weights: ReadonlyMap<string, string>): string[] {
  const names = [...weights.keys()]
  const unknown = names.find(name => !BACKBONES.get(name)?.trainable)
  if (unknown !== undefined || names.length === 0)
    throw new LesionloopError(
      'backbone-unknown',
      `reproduction: ${unknown ?? 'no weights'}: expected the weights of one of ${[...BACKBONES.values()]
        .filter(one => one.trainable)
        .map(one => one.name)
        .join(', ')}; give --weights NAME=FILE.safetensors`,
    )
  return names
}

/** A line an epoch; problems as they come. */
const tellEpochs = (say: (line: string) => void) => (progress: Progress) => {
  if (progress.problem) say(progress.problem.message)
  else if (progress.step === 'learning')
    say(`  epoch ${progress.done} of ${progress.total}: ${progress.detail}`)
}

const minutes = (seconds: number) =>
  seconds < 5400 ? `${Math.ceil(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`
