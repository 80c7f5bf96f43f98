import type { CaseState } from '../records/case.ts'
import type { CheckFinding } from '../records/check.ts'
import { ASSERTIONS, LESIONS } from '../records/vocabulary.ts'
import { headValue, missingPositives, type SplitRecord } from '../splits/split.ts'
import { counted, listed } from './findings.ts'

/** A class of the flag below this share is rare; a head below so many positives can hardly be learned or measured. */
const RARE_SHARE = 0.1
const FEW = 20
/** Assertions other than present, as a share of the mentions, below which negation and doubt can't be judged. */
const ONE_SIDED = 0.05

/** How many there are of what, and what is missing where. */
export function balanceFindings(cases: readonly CaseState[], split: SplitRecord | undefined): CheckFinding[] {
  return [
    ...classBalance(cases),
    ...missingLesions(cases, split),
    ...withoutLesion(cases),
    ...oneSidedMentions(cases),
  ]
}

function classBalance(cases: readonly CaseState[]): CheckFinding[] {
  const found: CheckFinding[] = []
  const count = (value: 'positive' | 'negative' | null) =>
    cases.filter(({ truth }) => truth.flag.value === value).length
  const [positive, negative, unknown] = [count('positive'), count('negative'), count(null)]
  const share = Math.min(positive, negative) / Math.max(1, positive + negative)
  found.push({
    code: 'class-balance',
    severity: share < RARE_SHARE ? 'warning' : 'note',
    message: `flag: ${positive} positive, ${negative} negative, ${unknown} unknown`,
    todo: share < RARE_SHARE ? 'take in more of the rarer class' : 'nothing; state it beside every figure',
    items: [],
    details: { positive, negative, unknown },
  })
  const counts = Object.fromEntries(
    LESIONS.map(lesion => [lesion, cases.filter(({ truth }) => headValue(truth, lesion)).length]),
  )
  const rare = LESIONS.filter(lesion => counts[lesion]! < FEW)
  if (rare.length > 0 && cases.length > 0)
    found.push({
      code: 'rare-lesion',
      severity: 'warning',
      message: `fewer than ${FEW} positives of ${rare.map(lesion => `${lesion} (${counts[lesion]})`).join(', ')}`,
      todo: 'take in more cases of them; until then what is measured of them has a wide interval',
      items: rare,
      details: { counts },
    })
  return found
}

function missingLesions(cases: readonly CaseState[], split: SplitRecord | undefined): CheckFinding[] {
  if (!split)
    return [
      {
        code: 'no-split',
        severity: 'note',
        message: 'no split was made yet',
        todo: '`lesionloop split` makes one by patient, paper and doubles; a cycle does too',
        items: [],
      },
    ]
  return missingPositives(cases, split.cases).map(({ code, message, items }) => ({
    code,
    severity: 'warning' as const,
    message: message.replace(/^split: /, ''),
    todo: 'take in groups that have them, or report their measures there as n/a',
    items,
  }))
}

/** Patients without a single lesion: "absent" may mean that nobody looked. */
function withoutLesion(cases: readonly CaseState[]): CheckFinding[] {
  const positives = cases.filter(({ truth }) => truth.flag.value === 'positive')
  const bare = positives.filter(({ truth }) => LESIONS.every(lesion => !headValue(truth, lesion)))
  if (bare.length === 0) return []
  return [
    {
      code: 'positive-without-lesion',
      severity: 'warning',
      message: `${bare.length} of ${counted(positives.length, 'positive case')} carry no lesion at all; absent may mean that nobody looked`,
      todo: 'read them, or leave their lesions out of training',
      items: bare.map(({ id }) => id).sort(),
    },
  ]
}

/** Captions that hardly deny or doubt anything: how well assertions are read can't be judged on them. */
function oneSidedMentions(cases: readonly CaseState[]): CheckFinding[] {
  const captions = new Map(cases.map(row => [row.caption, row.mentions]))
  const mentions = [...captions.values()].flat()
  if (mentions.length === 0) return []
  const counts = ASSERTIONS.map(
    assertion => [assertion, mentions.filter(mention => mention.assertion === assertion).length] as const,
  )
  const others = mentions.length - counts[0]![1]
  if (others > ONE_SIDED * mentions.length) return []
  return [
    {
      code: 'assertions-one-sided',
      severity: 'note',
      message: `${counted(mentions.length, 'mention')} in ${counted(captions.size, 'caption')}: ${listed(counts.map(([name, count]) => `${count} ${name}`))}; how well negation and doubt are read can't be judged on them`,
      todo: 'judge the reading of assertions on other texts',
      items: [],
      details: Object.fromEntries(counts),
    },
  ]
}
