/** What went wrong in a text, by class of language: hedge, negation, resolution, history, panel, span, term, flag. */
import { pairsOf } from './extractor-text-score.mjs'

const CLASS_OF = { absent: 'negation', possible: 'hedge', resolved: 'resolution' }
/** The class of an assertion taken for another: what was meant, else what was read into it. */
const assertionClass = (gold, mined) => CLASS_OF[gold] ?? CLASS_OF[mined] ?? 'assertion'
const overlaps = (a, b) => a.lesion === b.lesion && a.start < b.end && b.start < a.end
const named = ({ lesion, text, assertion }) => `${lesion} "${text}" ${assertion}`

/** rows: [{ id, gold: {covid, mentions}, mined: TextFindings }] → [{ class, where, what }] */
export function textErrors(rows) {
  const errors = []
  for (const { id, gold, mined } of rows) {
    const add = (kind, what) => errors.push({ class: kind, where: id, what })
    const pairs = pairsOf(gold.mentions, mined.mentions)
    const paired = new Set(pairs.flat())
    for (const [a, b] of pairs) {
      if (a.assertion !== b.assertion)
        add(assertionClass(a.assertion, b.assertion), `${named(a)}, read as ${b.assertion}`)
      if (a.start !== b.start || a.end !== b.end) add('span', `"${a.text}", read as "${b.text}"`)
      const [wanted, got] = [a, b].map(each => [...(each.panels ?? [])].sort().join(' ') || 'all')
      if (wanted !== got) add('panel', `${named(a)}: ${wanted}, read as ${got}`)
    }
    for (const each of gold.mentions)
      if (!paired.has(each)) {
        const left = mined.skipped?.find(skip => overlaps(skip, each))
        add(
          left ? 'history and general statements' : 'term',
          `missed ${named(each)}${left ? `, skipped as ${left.reason}` : ''}`,
        )
      }
    for (const each of mined.mentions)
      if (!paired.has(each))
        add(
          gold.mentions.some(other => overlaps(other, each)) ? 'span' : 'history and general statements',
          `too many: ${named(each)}`,
        )
    if (gold.covid !== mined.covid.flag) add('flag', `${gold.covid}, read as ${mined.covid.flag}`)
  }
  return errors
}

/** rows: [{ id, gold: boolean, mined: TextFindings }] of reports with a yes or no for consolidation. */
export function reportErrors(rows) {
  return rows
    .filter(({ gold, mined }) => gold !== (mined.findings.Csld === 'present'))
    .map(({ id, gold, mined }) => {
      const finding = mined.findings.Csld
      const read = mined.mentions.filter(({ lesion }) => lesion === 'Csld').map(({ text }) => `"${text}"`)
      return {
        class: gold ? (CLASS_OF[finding] ?? 'term') : 'negation',
        where: `openi ${id}`,
        what: `${gold ? 'yes' : 'no'}, read as ${finding} ${read.join(', ')}`.trim(),
      }
    })
}

/** rows: [{ id, targets, negated, mined: assertion or undefined }] of the NegEx sentences. */
export function negexErrors(rows) {
  return rows
    .filter(({ negated, mined }) => negated !== (mined === 'absent'))
    .map(({ id, targets, negated, mined }) => ({
      class: negated ? (mined === undefined ? 'term' : (CLASS_OF[mined] ?? 'negation')) : 'negation',
      where: `negex ${id}`,
      what: `"${targets[0].replace(/\s+/g, ' ')}" ${negated ? 'negated' : 'affirmed'}, read as ${mined ?? 'not found'}`,
    }))
}
