/**
 * The measures of the text tables: mentions (exact, overlapping, with the right assertion), findings, flag, panels.
 * Overlap pairs one to one, the largest overlap first; a caption's finding is the strongest of its mentions.
 */
export const LESIONS = ['GGO', 'Csld', 'CrPa', 'AirBr', 'InSepThi']
const STRENGTH = ['present', 'possible', 'resolved', 'absent']

export function prf(tp, fp, fn) {
  const precision = tp + fp > 0 ? tp / (tp + fp) : fn === 0 ? 1 : 0
  const recall = tp + fn > 0 ? tp / (tp + fn) : 1
  return {
    precision,
    recall,
    f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0,
    tp,
    fp,
    fn,
  }
}

export const findingOf = (mentions, lesion) => {
  const said = new Set(
    mentions.filter(mention => mention.lesion === lesion).map(mention => mention.assertion),
  )
  return STRENGTH.find(assertion => said.has(assertion)) ?? 'none'
}

export function pairsOf(gold, predicted) {
  const candidates = []
  for (const a of gold)
    for (const b of predicted) {
      const shared = Math.min(a.end, b.end) - Math.max(a.start, b.start)
      if (a.lesion === b.lesion && shared > 0) candidates.push({ a, b, shared })
    }
  candidates.sort((x, y) => y.shared - x.shared)
  const used = new Set()
  const pairs = []
  for (const { a, b } of candidates) {
    if (used.has(a) || used.has(b)) continue
    used.add(a).add(b)
    pairs.push([a, b])
  }
  return pairs
}

/** rows: [{ gold: {covid, mentions}, mined: {covid: {flag}, mentions} }] */
export function scoreTexts(rows) {
  const counts = {
    finding: [0, 0, 0],
    exact: [0, 0, 0],
    overlap: [0, 0, 0],
    strict: [0, 0, 0],
    panels: [0, 0, 0],
  }
  const add = (name, tp, fp, fn) => {
    const sum = counts[name]
    sum[0] += tp
    sum[1] += fp
    sum[2] += fn
  }
  let flags = 0
  let notPresent = 0
  let notPresentFound = 0
  for (const { gold, mined } of rows) {
    for (const lesion of LESIONS) {
      const a = findingOf(gold.mentions, lesion) === 'present'
      const b = findingOf(mined.mentions, lesion) === 'present'
      add('finding', a && b ? 1 : 0, !a && b ? 1 : 0, a && !b ? 1 : 0)
    }
    const key = mention => `${mention.lesion} ${mention.start} ${mention.end}`
    const goldKeys = new Set(gold.mentions.map(key))
    const minedKeys = new Set(mined.mentions.map(key))
    const same = [...goldKeys].filter(each => minedKeys.has(each)).length
    add('exact', same, minedKeys.size - same, goldKeys.size - same)
    const pairs = pairsOf(gold.mentions, mined.mentions)
    const right = pairs.filter(([a, b]) => a.assertion === b.assertion)
    add('overlap', pairs.length, mined.mentions.length - pairs.length, gold.mentions.length - pairs.length)
    add('strict', right.length, mined.mentions.length - right.length, gold.mentions.length - right.length)
    notPresent += gold.mentions.filter(mention => mention.assertion !== 'present').length
    notPresentFound += right.filter(([a]) => a.assertion !== 'present').length
    for (const [a, b] of pairs) {
      const wanted = new Set(a.panels ?? [])
      const got = new Set(b.panels ?? [])
      const shared = [...wanted].filter(each => got.has(each)).length
      add('panels', shared, got.size - shared, wanted.size - shared)
    }
    if (gold.covid === mined.covid.flag) flags++
  }
  return {
    texts: rows.length,
    finding: prf(...counts.finding),
    exact: prf(...counts.exact),
    overlap: prf(...counts.overlap),
    strict: prf(...counts.strict),
    panels: prf(...counts.panels),
    flagAccuracy: rows.length > 0 ? flags / rows.length : 1,
    notPresent,
    notPresentFound,
  }
}

/** A report counts as positive where any consolidation mention is present. */
export function scoreReports(rows) {
  let tp = 0
  let fp = 0
  let fn = 0
  for (const { gold, positive } of rows) {
    if (gold && positive) tp++
    else if (positive) fp++
    else if (gold) fn++
  }
  return prf(tp, fp, fn)
}

/** rows: [{ negated, mined }] with the mined assertion of the sentence's concept. */
export function scoreNegex(rows) {
  let right = 0
  let tp = 0
  let fp = 0
  let fn = 0
  for (const { negated, mined } of rows) {
    const says = mined === 'absent'
    if (says === negated) right++
    if (says && negated) tp++
    else if (says) fp++
    else if (negated) fn++
  }
  return { accuracy: right / rows.length, negated: prf(tp, fp, fn) }
}

/** A sentence of the NegEx set as a row with targets: its concept stands there in quotes and in capitals. */
export function negexRow({ id, sentence, concept, assertion }) {
  return {
    id,
    text: sentence,
    targets: [concept.replaceAll('"', '').trim()],
    negated: assertion === 'Negated',
  }
}
