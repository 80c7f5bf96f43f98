import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { Comparison, Gate } from '../../data/records/comparison.ts'
import type { CycleMetrics, CycleRecord } from '../../data/records/cycle.ts'
import type { Promoted, Promotion, PromotionStep } from '../../data/records/promotion.ts'
import { readPromotion, sealedCycles } from '../../data/stores/speaking.ts'
import { readJson, writeJson } from '../../data/workspace/files.ts'
import { withLock } from '../../data/workspace/locks.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { counted } from '../acquisition/words.ts'
import { readCycle, sealedCycle } from '../cycle/newest.ts'
import { whoRuns } from '../cycle/who.ts'
import { type CompareOptions, compareCycles, soundnessGate } from './compare.ts'
import { shortcutGates } from './gates.ts'

export interface PromoteOptions extends CompareOptions {
  /** Promotes although a gate refuses; then `why` must say why. A cycle edited by hand is refused all the same. */
  force?: boolean
  why?: string
  /** Who does it; absent: the person whose job it is, else the user of this machine. */
  by?: string
}

export interface Judgement {
  /** Against the promoted cycle; null: nothing to compare with. */
  comparison: Comparison | null
  gates: Gate[]
  /** What stands in the way, in words; null: nothing. */
  refusal: string | null
}

/** What the gates say of a cycle's promotion; nothing is changed. @throws LesionloopError `cycle-unknown`, `no-cycle`. */
export async function judgePromotion(
  workspace: Workspace,
  record: CycleRecord,
  options: CompareOptions = {},
): Promise<Judgement> {
  const pointer = await readPromotion(workspace)
  const stands = pointer !== null && pointer.cycle !== record.id
  const isThere = stands && sealedCycles(workspace).includes(pointer.cycle)
  if (isThere) {
    const comparison = await compareCycles(workspace, pointer.cycle, record.id, options)
    return { comparison, gates: comparison.gates, refusal: refusalOf(comparison.gates) }
  }
  const metrics = await readJson<CycleMetrics>(join(workspace.paths.cycle(record.id), 'metrics.json'))
  const gates = [await soundnessGate(workspace, record), ...shortcutGates(metrics)]
  const gone = stands
    ? `the promoted cycle ${pointer.cycle} is gone, so there is nothing to compare with`
    : null
  return { comparison: null, gates, refusal: refusalOf(gates) ?? gone }
}

function refusalOf(gates: readonly Gate[]): string | null {
  const refused = gates.filter(gate => gate.verdict === 'refused')
  return refused.length === 0 ? null : refused.map(gate => gate.words).join('; ')
}

/**
 * Lets a cycle speak for the model, unless a gate refuses; without a number the newest. The pointer is written in one
 * step under the lock of the cycles, its history kept.
 * @throws LesionloopError `promotion-refused` (details: `gates`), `cycle-unsound`, `cycle-unknown`, `no-cycle`,
 * `promoted-already`, `usage` (`force` without `why`), `lock-held`.
 */
export async function promoteCycle(
  workspace: Workspace,
  wanted: string | undefined,
  { force = false, why = '', by, ...options }: PromoteOptions = {},
): Promise<Promoted & Judgement> {
  if (force && why.trim() === '')
    throw new LesionloopError('usage', 'promote: --force: a reason was expected; say it with --why "…"')
  return await withLock(workspace, 'cycles', async () => {
    const record = await recordOf(workspace, wanted)
    const pointer = await readPromotion(workspace)
    if (pointer?.cycle === record.id)
      throw new LesionloopError(
        'promoted-already',
        `promote: cycle ${record.id} speaks for the model since ${pointer.since}; name another, see \`lesionloop cycles\``,
      )
    const judgement = await judgePromotion(workspace, record, options)
    refuseUnsound(judgement.gates)
    const { refusal, gates, comparison } = judgement
    if (refusal !== null && !force)
      throw new LesionloopError(
        'promotion-refused',
        `promote: cycle ${record.id} is refused: ${refusal}; promote it all the same with --force --why "…"`,
        { gates, before: comparison?.before.id ?? null },
      )
    const passed = gates.filter(gate => gate.verdict === 'passed').length
    const found =
      comparison === null
        ? 'nothing to compare with'
        : `${counted(passed, 'gate')} passed against ${comparison.before.id}`
    const reason = why.trim() || found
    const promotion = await move(workspace, pointer, {
      cycle: record.id,
      since: new Date().toISOString(),
      by: by ?? (await whoRuns(workspace)),
      why: reason,
      forced: refusal !== null,
      how: 'promote',
    })
    const before = pointer?.cycle ?? null
    return {
      promotion,
      before,
      ...judgement,
      message: `cycle ${record.id} speaks for the model${before === null ? '' : ` in place of ${before}`}: ${refusal === null ? found : `forced, though ${refusal}`}`,
    }
  })
}

/**
 * Moves the pointer back: to the cycle that spoke before, or to one named that once spoke.
 * @throws LesionloopError `nothing-to-roll-back`, `never-promoted`, `cycle-unknown`, `cycle-unsound`, `lock-held`.
 */
export async function rollbackPromotion(
  workspace: Workspace,
  { to, why = '', by }: { to?: string; why?: string; by?: string } = {},
): Promise<Promoted> {
  return await withLock(workspace, 'cycles', async () => {
    const pointer = await readPromotion(workspace)
    const earlier = pointer === null ? [] : spokenBefore(pointer)
    if (pointer === null || (to === undefined && earlier.length === 0))
      throw new LesionloopError(
        'nothing-to-roll-back',
        pointer === null
          ? 'rollback: no cycle was promoted yet: the newest speaks for the model; see `lesionloop promote`'
          : `rollback: no cycle spoke for the model before ${pointer.cycle}; promote another instead, see \`lesionloop cycles\``,
      )
    const record = await sealedCycle(workspace, to ?? earlier.at(-1)!)
    if (!pointer.history.some(step => step.cycle === record.id))
      throw new LesionloopError(
        'never-promoted',
        `rollback: cycle ${record.id} never spoke for the model; \`lesionloop promote ${record.id}\` judges it first`,
      )
    if (record.id === pointer.cycle)
      throw new LesionloopError(
        'promoted-already',
        `rollback: cycle ${record.id} speaks for the model already; name an earlier one, see \`lesionloop cycles\``,
      )
    refuseUnsound([await soundnessGate(workspace, record)])
    const promotion = await move(workspace, pointer, {
      cycle: record.id,
      since: new Date().toISOString(),
      by: by ?? (await whoRuns(workspace)),
      why: why.trim() || `rolled back from ${pointer.cycle}`,
      forced: false,
      how: 'rollback',
    })
    return {
      promotion,
      before: pointer.cycle,
      message: `cycle ${record.id} speaks for the model again, in place of ${pointer.cycle}`,
    }
  })
}

/** The cycles below the one that stands, the last one on top: a rollback takes off what was promoted after its goal. */
function spokenBefore({ history }: Promotion): string[] {
  const stack: string[] = []
  for (const { cycle, how } of history) {
    const at = stack.lastIndexOf(cycle)
    if (how === 'rollback' && at >= 0) stack.length = at + 1
    else stack.push(cycle)
  }
  return stack.slice(0, -1)
}

async function recordOf(workspace: Workspace, wanted: string | undefined): Promise<CycleRecord> {
  if (wanted !== undefined) return await sealedCycle(workspace, wanted)
  const newest = sealedCycles(workspace).at(-1)
  if (newest === undefined)
    throw new LesionloopError(
      'no-cycle',
      `workspace: ${workspace.dir}: no cycle yet: one to promote was expected; run \`lesionloop cycle\` first`,
    )
  return await readCycle(workspace, newest)
}

function refuseUnsound(gates: readonly Gate[]): void {
  const unsound = gates.find(gate => gate.name === 'soundness' && gate.verdict === 'refused')
  if (unsound) throw new LesionloopError('cycle-unsound', unsound.words)
}

async function move(
  workspace: Workspace,
  pointer: Promotion | null,
  step: PromotionStep,
): Promise<Promotion> {
  const { how: _, ...now } = step
  const promotion: Promotion = {
    format: 'lesionloop-promotion-1',
    ...now,
    history: [...(pointer?.history ?? []), step],
  }
  await writeJson(workspace.files, workspace.paths.promoted, promotion)
  return promotion
}
