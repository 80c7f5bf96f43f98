import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { ComparedCycle, ComparedMeasure, Comparison, Gate } from '../../data/records/comparison.ts'
import type { CycleMetrics, CycleRecord, Prediction } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { unsoundFiles } from '../../data/stores/soundness.ts'
import { readPromotion } from '../../data/stores/speaking.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { counted } from '../acquisition/words.ts'
import { readCases } from '../cycle/corpus.ts'
import { readJsonLines } from '../cycle/json-lines.ts'
import { sealedCycle } from '../cycle/newest.ts'
import { correctionsSince } from './corrections.ts'
import { flipsBetween } from './flips.ts'
import { judgedOn, mainMeasure, pairedGates, shortcutGates } from './gates.ts'
import { pairedMeasures } from './paired-measures.ts'
import { type PairedSide, pairCases } from './pairs.ts'

export interface CompareOptions extends RunOptions {
  samples?: number
  seed?: number
}

/** With fewer groups than this, an interval by group is hardly one. */
const FEW_GROUPS = 10

/**
 * Compares two sealed cycles on the cases both scored on the same side, by the truth as it stands now: paired bootstrap
 * by patient and document, flips, the corrections between the two, and the gates that decide whether the second may
 * take the place of the first. Nothing is written.
 * @throws LesionloopError `cycle-unknown`, `nothing-to-compare` (no case in common), `file-missing`, `file-damaged`.
 */
export async function compareCycles(
  workspace: Workspace,
  first: string,
  second: string,
  { samples = 2000, seed = 1, signal, onProgress }: CompareOptions = {},
): Promise<Comparison> {
  const [before, after] = [await sealedCycle(workspace, first), await sealedCycle(workspace, second)]
  const read = async ({ id }: CycleRecord) => ({
    metrics: await readJson<CycleMetrics>(join(workspace.paths.cycle(id), 'metrics.json')),
    predictions: await readJsonLines<Prediction>(join(workspace.paths.cycle(id), 'predictions.jsonl')),
  })
  const [one, other] = [await read(before), await read(after)]
  const corpus = await readCases(workspace)
  const unmentioned = after.config['unmentioned'] === 'absent' ? 'absent' : 'masked'
  const sides = pairCases(one.predictions, other.predictions, corpus, { unmentioned })
  if (sides.every(side => side.pairs.length === 0))
    throw new LesionloopError(
      'nothing-to-compare',
      `compare: ${before.id} and ${after.id}: no case that both scored is still in the workspace; compare cycles of the same workspace`,
    )
  const measures: ComparedMeasure[] = []
  let done = 0
  for (const { side, pairs } of sides)
    for (const head of HEADS) {
      signal?.throwIfAborted()
      onProgress?.({ step: 'comparing', done: done++, total: sides.length * HEADS.length })
      if (pairs.length > 0) measures.push(...pairedMeasures(side, head, pairs, { samples, seed }))
      // So that a cancel is heard between two heads.
      await new Promise(resolve => setImmediate(resolve))
    }
  const tuned = [before, after].some(isTuned)
  const outside = corpus.states.filter(state => corpus.split.cases[state.id]?.side === 'train')
  const soundness = await soundnessGate(workspace, after)
  const gates = [soundness, ...pairedGates(measures, tuned), ...shortcutGates(other.metrics)]
  const promoted = (await readPromotion(workspace))?.cycle ?? null
  return {
    format: 'lesionloop-comparison-1',
    before: described(before, promoted),
    after: described(after, promoted),
    sides: sides.map(side => ({
      side: side.side,
      cases: side.pairs.length,
      onlyBefore: side.onlyBefore,
      onlyAfter: side.onlyAfter,
      words: sideWords(side, before.id, after.id, tuned),
    })),
    measures,
    ...flipsBetween(sides, one.metrics, other.metrics),
    corrections: correctionsSince(
      outside,
      { from: before.learnedFrom.journalSeq, to: after.learnedFrom.journalSeq },
      head => judgedOn(measures, head, mainMeasure(head), tuned),
    ),
    gates,
    promotable: gates.every(gate => gate.verdict !== 'refused'),
    warnings: warningsOf(before, after, sides, await unsoundFiles(workspace, before), tuned),
    samples,
    seed,
  }
}

const isTuned = ({ config }: CycleRecord) => config['fit'] === 'finetune'

function described(record: CycleRecord, promoted: string | null): ComparedCycle {
  const { id, sealedAt, by, backbone, learnedFrom } = record
  return {
    id,
    sealedAt,
    by,
    backbone: backbone.name,
    fit: isTuned(record) ? 'finetune' : 'heads',
    journalSeq: learnedFrom.journalSeq,
    labels: learnedFrom.labels,
    cases: learnedFrom.cases,
    promoted: id === promoted,
  }
}

/** A cycle folder that was edited by hand proves nothing. */
export async function soundnessGate(workspace: Workspace, record: CycleRecord): Promise<Gate> {
  const faults = await unsoundFiles(workspace, record)
  return faults.length === 0
    ? { name: 'soundness', verdict: 'passed', words: `cycle ${record.id}: every file is as it was sealed` }
    : {
        name: 'soundness',
        verdict: 'refused',
        words: `cycle ${record.id}: not as it was sealed: ${faults.join('; ')}; put the files back from a copy, or run another cycle`,
      }
}

const SIDES = { test: 'test', val: 'validation', oof: 'out of fold' } as const

function sideWords(
  { side, pairs, onlyBefore, onlyAfter }: PairedSide,
  before: string,
  after: string,
  tuned: boolean,
): string {
  const frozen = side === 'oof' && tuned ? ', scored by frozen heads, not by the fine-tuned network' : ''
  const rest = [
    ...(onlyBefore > 0 ? [`${onlyBefore} of ${before} alone`] : []),
    ...(onlyAfter > 0 ? [`${onlyAfter} of ${after} alone`] : []),
  ]
  return `${SIDES[side]}: ${counted(pairs.length, 'case')} that both scored, by the truth as it stands now${frozen}${rest.length > 0 ? `; left out: ${rest.join(', ')}` : ''}`
}

function warningsOf(
  before: CycleRecord,
  after: CycleRecord,
  sides: readonly PairedSide[],
  faults: readonly string[],
  tuned: boolean,
): string[] {
  const warnings: string[] = []
  if (faults.length > 0)
    warnings.push(
      `cycle ${before.id} is not as it was sealed: ${faults.join('; ')}: its figures prove nothing`,
    )
  if (before.backbone.weightsSha256 !== after.backbone.weightsSha256)
    warnings.push(
      `backbone: ${before.backbone.name} (${before.backbone.weights}) then, ${after.backbone.name} (${after.backbone.weights}) now: what changed is not the labels alone`,
    )
  const [then, now] = [before.config['unmentioned'], after.config['unmentioned']]
  if (then !== now)
    warnings.push(
      `lesions the text does not name: ${String(then)} then, ${String(now)} now: both are measured as ${after.id} has it`,
    )
  if (tuned && isTuned(before) !== isTuned(after))
    warnings.push('one of the two is fine-tuned, the other has heads on frozen features')
  const test = sides.find(side => side.side === 'test')!
  const groups = new Set(test.pairs.map(pair => pair.group)).size
  if (groups < FEW_GROUPS)
    warnings.push(
      `test: ${counted(groups, 'patient or document', 'patients or documents')} in common: too few for the intervals, which are drawn by them, to say much`,
    )
  return warnings
}
