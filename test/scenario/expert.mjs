/** A simulated expert of known error rate: answers from the demo corpus's truth, and errs where a seed says so. */
import { dist } from './dist.mjs'

const { readCorpusTruth } = await dist('data/demo/truth.js')
const { HEADS, LESIONS, perLesion } = await dist('data/records/vocabulary.js')
const { seededRandom } = await dist('data/statistics/random.js')

/** What each CT panel of the corpus shows, head by head (1 or 0), by the id its case gets when it is mined. */
export function shownByCase() {
  const { documents, deliberate } = readCorpusTruth()
  const causes = new Map(
    deliberate.map(one => [`${one.document} ${one.figure} ${one.panel} ${one.head}`, one.cause]),
  )
  const shown = new Map()
  for (const document of documents)
    for (const figure of document.figures.filter(each => each.kind === 'ct'))
      for (const [order, panel] of figure.panels.entries()) {
        const id = `${document.doi}v${document.version}#${figure.label}#${panel.label ?? `~${order + 1}`}`
        const { flag, lesions } = panel.shown
        shown.set(id, {
          values: HEADS.map(head =>
            (head === 'flag' ? flag === 'positive' : lesions.includes(head)) ? 1 : 0,
          ),
          cause: head => causes.get(`${document.file} ${figure.label} ${panel.label} ${head}`),
        })
      }
  return shown
}

/**
 * What the expert says of a case: each of the six answers is turned with the chance `errorRate`. The same case at the
 * same seed gets the same answer, whenever it is read.
 * @returns {{values: number[], erred: string[]}} answers in the order of HEADS, and the heads that are wrong.
 */
export function readBy({ seed, errorRate }, id, shown) {
  const random = seededRandom(`expert ${seed} ${id}`)
  const turned = HEADS.map(() => random.next() < errorRate)
  return {
    values: shown.values.map((value, at) => (turned[at] ? 1 - value : value)),
    erred: HEADS.filter((_, at) => turned[at]),
  }
}

/** The label as the desk sends it. */
export function labelOf(values) {
  return {
    kind: 'label',
    flag: values[0] ? 'positive' : 'negative',
    lesions: perLesion(lesion => (values[1 + LESIONS.indexOf(lesion)] ? 'present' : 'absent')),
  }
}

const SAID = { positive: 1, present: 1, negative: 0, absent: 0, resolved: 0 }

/** Why a label contradicts what was mined, head by head: the cause the corpus was made with, else what it looks like. */
export function causesOf(mined, values, shown) {
  return HEADS.flatMap((head, at) => {
    const said = SAID[head === 'flag' ? mined.flag : mined.findings[head]]
    const silent = head !== 'flag' && mined.findings[head] === 'none'
    if (said === values[at] || (said === undefined && !(silent && values[at]))) return []
    const guess = head === 'flag' ? 'wrong-flag' : values[at] ? 'visible-not-said' : 'said-not-visible'
    return [{ head, cause: shown.cause(head) ?? guess }]
  })
}
