import { join } from 'node:path'
import type { CaseState } from '../../data/records/case.ts'
import type { Prediction, QueueEntry } from '../../data/records/cycle.ts'
import type { StopSignal } from '../../data/records/stop-signal.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { sealedCycles } from '../../data/stores/speaking.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { auditRounds, type CycleAudit, type Reading } from '../acquisition/audit-rounds.ts'
import { stopSignal } from '../acquisition/stop-signal.ts'
import { isRead, truths } from '../fit/targets.ts'
import { type Corpus, readCases } from './corpus.ts'
import { readJsonLines } from './json-lines.ts'

/**
 * Of every head, how many of the unread labels are still wrong, from the audits of all sealed cycles, and whether
 * reading may stop. The pool is the cases outside validation and test.
 * @param cases the cases where they are read already; by default as they stand in the workspace.
 */
export async function stopSignals(
  workspace: Workspace,
  { cases, ...options }: { target?: number; level?: number; cases?: Pick<Corpus, 'cases'> } = {},
): Promise<StopSignal[]> {
  const cycles = await cycleAudits(workspace)
  const outside = cases ? teachingStates(cases) : await statesOutside(workspace)
  return HEADS.map(head => {
    const readings = new Map(outside.map(state => [state.id, readingOf(state, head)]))
    const { rounds } = auditRounds(cycles, readings)
    const left = [...readings.values()].filter(one => one.said !== null && one.read === undefined).length
    return stopSignal(head, rounds, left, options)
  })
}

const teachingStates = ({ cases }: Pick<Corpus, 'cases'>) =>
  cases.filter(one => one.side === 'train').map(one => one.state)

async function statesOutside(workspace: Workspace): Promise<CaseState[]> {
  const { states, split } = await readCases(workspace)
  return states.filter(state => split.cases[state.id]?.side === 'train')
}

/** Pools and audits of all sealed cycles, the oldest first; cycles from before there were audits have none. */
async function cycleAudits(workspace: Workspace): Promise<CycleAudit[]> {
  const { paths } = workspace
  const ids = sealedCycles(workspace)
  return await Promise.all(
    ids.map(async id => {
      const predictions = await readJsonLines<Prediction>(join(paths.cycle(id), 'predictions.jsonl'))
      const queue = await readJsonLines<QueueEntry>(join(paths.cycle(id), 'queue.jsonl'))
      return {
        pool: predictions.filter(one => one.side === 'pool').map(one => one.case),
        audit: queue.filter(one => one.audit).map(one => one.case),
      }
    }),
  )
}

/** What a case's label was before anybody read it (published, else mined), and what the experts made of it. */
export function readingOf(state: CaseState, head: Head): Reading {
  const before = state.published ?? state.mined
  const value = head === 'flag' ? before.flag : before.findings[head]
  const said = SAID[value] ?? null
  if (!isRead(state)) return { said }
  const { value: read } = truths(state, { unmentioned: 'masked' })[HEADS.indexOf(head)]!
  return { said, read }
}

const SAID: Readonly<Record<string, 0 | 1>> = {
  positive: 1,
  present: 1,
  negative: 0,
  absent: 0,
  resolved: 0,
}
