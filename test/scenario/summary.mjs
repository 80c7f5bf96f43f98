import { dist } from './dist.mjs'

const { clopperPearson } = await dist('data/statistics/proportion.js')
const { seededRandom } = await dist('data/statistics/random.js')

export const mean = list => list.reduce((sum, one) => sum + one, 0) / list.length

/** Mean and spread over the seeds, reads by reads. @returns {{read, value, low, high}[]} */
export function overSeeds(arms, strategy, of) {
  const own = arms.filter(one => one.strategy === strategy)
  return own[0].points.map((point, at) => {
    const seen = own.map(one => of(one.points[at]))
    return { read: point.read, value: mean(seen), low: Math.min(...seen), high: Math.max(...seen) }
  })
}

/** Mean difference balanced − random of a figure over the same seeds, with its 95 % bootstrap interval over seeds. */
export function paired(arms, of, samples = 2000) {
  const seeds = [...new Set(arms.map(one => one.seed))]
  const differences = seeds.map(seed => {
    const at = strategy => of(arms.find(one => one.seed === seed && one.strategy === strategy))
    return at('balanced') - at('random')
  })
  const random = seededRandom('scenario')
  const means = Array.from({ length: samples }, () =>
    mean(differences.map(() => differences[Math.floor(random.next() * differences.length)])),
  ).sort((a, b) => a - b)
  return {
    value: mean(differences),
    low: means[Math.floor(0.025 * samples)],
    high: means[Math.ceil(0.975 * samples) - 1],
  }
}

/** A share with its Clopper-Pearson interval: "0.42 (0.31 to 0.54)". */
export function shareWords(k, n) {
  if (n === 0) return 'n/a'
  const { low, high } = clopperPearson(k, n)
  return `${k} of ${n}, ${(k / n).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
}
