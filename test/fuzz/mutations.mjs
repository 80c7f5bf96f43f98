/** Ways to spoil a PDF. Each takes its bytes (which it may change) and a seeded source of chance, and gives the mutant. */

const times = (random, most, work) => {
  for (let left = 1 + random.integer(most); left > 0; left--) work()
}

/** Places where a pattern stands. */
function places(bytes, pattern) {
  const text = bytes.toString('latin1')
  return [...text.matchAll(pattern)].map(match => ({
    at: match.index,
    length: match[0].length,
    text: match[0],
  }))
}

function replaced(bytes, { at, length }, text) {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(text, 'latin1'), bytes.subarray(at + length)])
}

const NUMBERS = [
  '0',
  '-1',
  '1',
  '65536',
  '2147483647',
  '4294967296',
  '999999999999999999999',
  '0.0000001',
  '1e308',
]
const NAMES = [
  '/Type',
  '/Kids',
  '/Parent',
  '/Length',
  '/Filter',
  '/Width',
  '/Height',
  '/Font',
  '/Resources',
  '/Contents',
]

export const MUTATIONS = {
  bits(bytes, random) {
    times(random, 64, () => {
      bytes[random.integer(bytes.length)] ^= 1 << random.integer(8)
    })
    return bytes
  },
  noise(bytes, random) {
    const at = random.integer(bytes.length)
    const length = Math.min(bytes.length - at, 1 + random.integer(4096))
    for (let i = 0; i < length; i++) bytes[at + i] = random.integer(256)
    return bytes
  },
  cut: (bytes, random) => bytes.subarray(0, random.integer(bytes.length)),
  hole(bytes, random) {
    const at = random.integer(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(20_000))])
  },
  doubled(bytes, random) {
    const at = random.integer(bytes.length)
    const part = bytes.subarray(at, at + 1 + random.integer(20_000))
    return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)])
  },
  moved(bytes, random) {
    const length = Math.min(bytes.length, 1 + random.integer(8192))
    const from = random.integer(bytes.length - length + 1)
    const to = random.integer(bytes.length - length + 1)
    bytes.copyWithin(to, from, from + length)
    return bytes
  },
  /** Lengths, sizes, counts, offsets: what a reader allocates by. */
  number(bytes, random) {
    let mutant = bytes
    times(random, 4, () => {
      const all = places(
        mutant,
        /(?<=\/(?:Length|Width|Height|Count|Size|First|N|W|Prev|BitsPerComponent|Columns|Predictor|Colors) ?)\d+/g,
      )
      if (all.length > 0)
        mutant = replaced(mutant, all[random.integer(all.length)], NUMBERS[random.integer(NUMBERS.length)])
    })
    return mutant
  },
  /** An object refers to another than it did: also to itself, or to one above it. */
  reference(bytes, random) {
    let mutant = bytes
    times(random, 8, () => {
      const all = places(mutant, /\d+ 0 R/g)
      if (all.length > 1)
        mutant = replaced(mutant, all[random.integer(all.length)], all[random.integer(all.length)].text)
    })
    return mutant
  },
  name(bytes, random) {
    let mutant = bytes
    times(random, 4, () => {
      const all = places(mutant, /\/[A-Z][A-Za-z]+/g)
      if (all.length > 0)
        mutant = replaced(mutant, all[random.integer(all.length)], NAMES[random.integer(NAMES.length)])
    })
    return mutant
  },
}
