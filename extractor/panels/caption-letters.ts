/**
 * The panels that a caption names, upper case, in alphabetical order: "(A) …", "(a–c)", "A, …", "A: …", "panel B",
 * "(A1–A3)". Letters count only as far as they run on from A without a gap; fewer than two are none.
 */
export function captionLetters(caption: string): string[] {
  const found = new Set<string>()
  for (const pattern of PATTERNS)
    for (const match of caption.matchAll(pattern)) for (const name of namesIn(match[1]!)) found.add(name)
  const numbered = [...found].filter(name => name.length > 1)
  if (numbered.length >= 2) {
    const runs = numbered.filter(
      name => Number(name.slice(1)) === 1 || found.has(`${name[0]}${Number(name.slice(1)) - 1}`),
    )
    const letters = [...new Set(runs.map(name => name[0]!))].sort()
    const kept = runOn(letters).flatMap(letter =>
      runs.filter(name => name[0] === letter).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
    )
    const plain = runOn([...found].filter(name => name.length === 1).sort())
    if (kept.length >= Math.max(2, plain.length)) return kept
  }
  const letters = runOn([...found].filter(name => name.length === 1).sort())
  return letters.length >= 2 ? letters : []
}

const NAME = '[A-Pa-p](?:\\s?\\d{1,2})?'
const JOIN = '\\s*(?:,\\s*(?:and\\s+)?|;\\s*|&\\s*|/\\s*|and\\s+|to\\s+|through\\s+|[-–—−]\\s*)\\s*'
const LIST = `${NAME}(?:${JOIN}${NAME})*`
const PATTERNS = [
  // (A), (a, b), (A–C), (A and B), (panel A), (A, arrow), (left, A)
  new RegExp(`\\(\\s*(?:panels?\\s+)?(${LIST})\\s*[),:;]`, 'gi'),
  new RegExp(`\\([^()]{1,24},\\s*(${LIST})\\s*\\)`, 'gi'),
  // A) …, a. …, A: …, A, … at a sentence's start
  new RegExp(`(?:^|[.;:]\\s+)(${LIST})\\s?(?:[:)]|[.,](?=\\s)|\\s[-–—](?=\\s))`, 'g'),
  new RegExp(`\\bpanels?\\s+(${LIST})(?![\\p{L}])`, 'giu'),
  // "…panels).E, …": lost blanks
  /(?<=[.;:])([A-P])(?=[,:]\s?\S)/g,
  // A and B were …
  /(?:^|[\s.;:])((?:[A-P])(?:\s*(?:,|and|&|[-–—−])\s*[A-P])*)\s+(?:was|were|is|are|shows?|showed|represents?)\b/g,
  // A1–A3 anywhere
  /(?<![\p{L}\p{N}])([A-P]\d\s*[-–—−]\s*[A-P]?\d)(?![\p{L}\p{N}])/gu,
]

/** Names of a list with its ranges written out: "A, C–E" gives A, C, D, E. */
function namesIn(list: string): string[] {
  const names: string[] = []
  let range = false
  for (const [token] of list.matchAll(
    /(?<![a-z])[A-Pa-p]\s?\d{1,2}|(?<![a-z])[A-Pa-p](?![a-z])|\d{1,2}|[-–—−]|\b(?:to|through)\b/g,
  )) {
    if (/^(?:[-–—−]|to|through)$/.test(token)) {
      range = true
      continue
    }
    const last = names.at(-1)
    let name = token.replace(/\s/g, '').toUpperCase()
    if (/^\d+$/.test(name)) {
      if (!last) continue
      name = last[0]! + name
    }
    if (range && last) names.push(...between(last, name))
    names.push(name)
    range = false
  }
  return names
}

function between(from: string, to: string): string[] {
  const names: string[] = []
  if (from.length === 1 && to.length === 1)
    for (let code = from.charCodeAt(0) + 1; code < to.charCodeAt(0); code++)
      names.push(String.fromCharCode(code))
  else if (from[0] === to[0])
    for (let n = Number(from.slice(1)) + 1; n < Number(to.slice(1)); n++) names.push(`${from[0]}${n}`)
  return names
}

function runOn(letters: string[]): string[] {
  const kept: string[] = []
  for (const letter of letters) {
    if (letter.charCodeAt(0) !== 65 + kept.length) break
    kept.push(letter)
  }
  return kept
}
