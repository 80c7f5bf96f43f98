/** What a cycle is worth, measured against what the pictures show: it learned from none of that. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dist } from './dist.mjs'

const { HEADS } = await dist('data/records/vocabulary.js')
const { auc } = await dist('data/statistics/roc.js')
const { averagePrecision } = await dist('data/statistics/precision-recall.js')
const { openWorkspace } = await dist('data/workspace/open.js')
const { openStore } = await dist('data/stores/open.js')
const { readSplit } = await dist('data/splits/keep.js')
const { confidentLearning } = await dist('trainer/acquisition/confident-learning.js')
const { stopSignals, readingOf } = await dist('trainer/cycle/stop-signals.js')
const { truths } = await dist('trainer/fit/targets.js')

async function rows(path) {
  const text = await readFile(path, 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
}

async function readStates(workspace) {
  const store = await openStore(workspace)
  const states = []
  for await (const state of store.cases.all()) states.push(state)
  await store.close()
  return states
}

/**
 * AUC of the flag and mean average precision of the lesions over all cases: out of fold where the cycle learned from
 * them, else held out. And of the cases it may learn from, how many labels are wrong and how many are missing.
 */
export async function measureCycle(dir, cycle, shown) {
  const workspace = await openWorkspace(dir)
  const predictions = await rows(join(workspace.paths.cycle(cycle), 'predictions.jsonl'))
  const scores = at => predictions.map(one => (at === 0 ? one.flag : one.lesions[HEADS[at]]))
  const labels = at => predictions.map(one => shown.get(one.case).values[at])
  const aps = HEADS.slice(1).map((_, at) => averagePrecision(scores(at + 1), labels(at + 1)))
  const known = aps.filter(ap => ap !== null)
  const lessons = await lessonsOf(workspace, shown)
  return {
    flagAuc: auc(scores(0), labels(0)),
    lesionAp: known.reduce((sum, ap) => sum + ap, 0) / known.length,
    wrong: lessons.filter(one => one.given !== null && one.given !== one.shown).length,
    missing: lessons.filter(one => one.given === null).length,
    labels: lessons.length,
  }
}

/** Every label outside validation and test: what it says now, what the picture shows, and whose it is. */
async function lessonsOf(workspace, shown) {
  const split = await readSplit(workspace)
  return (await readStates(workspace))
    .filter(state => split.cases[state.id]?.side === 'train')
    .flatMap(state =>
      truths(state, { unmentioned: 'masked' }).map(({ value, source }, at) => ({
        case: state.id,
        head: HEADS[at],
        given: value,
        source,
        shown: shown.get(state.id).values[at],
      })),
    )
}

/**
 * How many of the expert's errors confident learning suspects, on a cycle's out-of-fold scores: the same function and
 * numbers as the cycle's queue of labels. By chance, a label drawn blindly is an error as often as `base` says.
 */
export async function measureLabelAudit(dir, cycle, shown) {
  const workspace = await openWorkspace(dir)
  const predictions = new Map(
    (await rows(join(workspace.paths.cycle(cycle), 'predictions.jsonl'))).map(one => [one.case, one]),
  )
  const lessons = (await lessonsOf(workspace, shown)).filter(one => one.given !== null)
  const experts = lessons.filter(one => one.source !== 'mined')
  const planted = experts.filter(one => one.given !== one.shown)
  const suspects = HEADS.flatMap(
    head =>
      confidentLearning(
        head,
        lessons
          .filter(one => one.head === head)
          .map(one => {
            const row = predictions.get(one.case)
            return {
              case: one.case,
              given: one.given,
              probability: head === 'flag' ? row.flag : row.lesions[head],
            }
          }),
      ).suspects,
  ).sort((one, other) => other.margin - one.margin)
  const key = one => `${one.case} ${one.head}`
  const expertKeys = new Set(experts.map(key))
  const plantedKeys = new Set(planted.map(key))
  const ofExperts = suspects.filter(one => expertKeys.has(key(one)))
  const found = list => list.filter(one => plantedKeys.has(key(one))).length
  return {
    labels: experts.length,
    planted: planted.length,
    suspects: ofExperts.length,
    found: found(ofExperts),
    /** Among as many first suspects as there are errors: precision and recall are one number there. */
    foundFirst: found(ofExperts.slice(0, planted.length)),
  }
}

/** The stop signals as a person reads them, and what share of the unread labels is in truth wrong. */
export async function measureStop(dir, shown) {
  const workspace = await openWorkspace(dir)
  const split = await readSplit(workspace)
  const unread = (await readStates(workspace)).filter(
    state => split.cases[state.id]?.side === 'train' && state.labels.length === 0,
  )
  return (await stopSignals(workspace)).map(({ head, sentence, reached, error }, at) => {
    const said = unread.flatMap(state => {
      const { said } = readingOf(state, head)
      return said === null ? [] : [said === shown.get(state.id).values[at] ? 0 : 1]
    })
    const wrong = said.reduce((sum, one) => sum + one, 0)
    return { head, sentence, reached, bound: error ? error.wrongAtMost : null, unread: said.length, wrong }
  })
}
