// De-duplication: how long it takes to find all pairs of near hashes among 1,000, 10,000 and 100,000.
// Runs on built code: node test/bench/dataset-duplicates.mjs
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'

const built = path => import(new URL(`../../dist/${path}`, import.meta.url).href)
/** Bits within which two hashes count as near: the radius of the search for doubles. */
const RADIUS = 12

/**
 * Hashes as pictures of chests give them, in groups that are alike: each is one of a few hundred bodies with a third of
 * its bits drawn anew; every twentieth is a double of an earlier one, 0 to 8 bits away.
 */
function madeHashes(count, random) {
  const word = () => Math.floor(random.next() * 2 ** 32) >>> 0
  const bodies = Array.from({ length: 300 }, () => [word(), word()])
  const hashes = new Uint32Array(2 * count)
  const doubles = []
  for (let at = 0; at < count; at++) {
    if (at % 20 === 19) {
      const of = random.integer(at)
      const pair = [hashes[2 * of], hashes[2 * of + 1]]
      for (let flips = random.integer(9); flips > 0; flips--)
        pair[random.integer(2)] ^= 1 << random.integer(32)
      hashes.set([pair[0] >>> 0, pair[1] >>> 0], 2 * at)
      doubles.push([of, at])
    } else {
      const body = bodies[random.integer(bodies.length)]
      // Where both of two draws have a bit, it is drawn anew: a quarter; with a third draw about three eighths.
      for (const half of [0, 1]) {
        const mask = (word() & word()) | (word() & word() & word())
        hashes[2 * at + half] = ((body[half] & ~mask) | (word() & mask)) >>> 0
      }
    }
  }
  return { hashes, doubles }
}

/** Times the search over growing sets: `{count, seconds, cpuSeconds, microsecondsEach (of CPU), pairs, doublesFound}` a row. */
export async function timeDeduplication(counts = [1000, 10_000, 100_000]) {
  const { nearPairs } = await built('data/duplicates/near-hashes.js')
  const { seededRandom } = await built('data/statistics/random.js')
  // What is compiled on the way is no cost of the set.
  for (const count of [2000, 10_000]) nearPairs(madeHashes(count, seededRandom(1)).hashes, RADIUS)
  return counts.map(count => {
    const { hashes, doubles } = madeHashes(count, seededRandom(count))
    const start = performance.now()
    const cpu = process.cpuUsage()
    const pairs = nearPairs(hashes, RADIUS)
    const seconds = (performance.now() - start) / 1000
    const cpuSeconds = process.cpuUsage(cpu).user / 1e6
    const found = new Set(pairs.map(([one, other]) => one * count + other))
    const doublesFound =
      doubles.filter(([one, other]) => found.has(one * count + other)).length / doubles.length
    return {
      count,
      seconds,
      cpuSeconds,
      microsecondsEach: (1e6 * cpuSeconds) / count,
      pairs: pairs.length,
      doublesFound,
    }
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  for (const row of await timeDeduplication())
    console.log(
      `${String(row.count).padStart(7)} hashes: ${row.seconds.toFixed(2)} s (${row.cpuSeconds.toFixed(2)} s of CPU, ${row.microsecondsEach.toFixed(1)} µs each), ${row.pairs} pairs within ${RADIUS} bits, ${(100 * row.doublesFound).toFixed(1)} % of the doubles`,
    )
