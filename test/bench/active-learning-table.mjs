/** Curves into figures: labels needed, area under the curve, and how these stand against random on the same seeds. */
import { join } from 'node:path'

const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
const { bootstrap } = await dist('data/statistics/bootstrap.js')
const { quantileSorted } = await dist('data/statistics/quantile.js')

const mean = values => values.reduce((sum, one) => sum + one, 0) / values.length

/**
 * @param full the measure of heads that learned from everything, for every set.
 * @returns for each strategy the mean curve with its band over runs, labels needed and area, with intervals over runs.
 */
export function summarise(curves, strategies, full) {
  const counts = curves[0].points.map(point => point.n)
  const target = mean(full)
  const runsOf = strategy => curves.filter(curve => curve.run.strategy === strategy)
  const areaOf = curve => mean(curve.points.map(point => point.value))
  const random = runsOf('random').map(areaOf)
  return strategies.map(strategy => {
    const runs = runsOf(strategy)
    const points = counts.map((n, at) => {
      const values = runs.map(run => run.points[at].value).sort((a, b) => a - b)
      return {
        x: n,
        value: mean(values),
        low: quantileSorted(values, 0.1),
        high: quantileSorted(values, 0.9),
      }
    })
    const areas = runs.map(areaOf)
    const gains = areas.map((area, at) => area - (random[at] ?? Number.NaN))
    const gain = bootstrap(
      runs.map((_, at) => at),
      weights => weighted(gains, weights),
      { seed: 1 },
    )
    return {
      strategy,
      points,
      need95: needed(points, 0.95 * target),
      need98: needed(points, 0.98 * target),
      each98: mean(runs.map(run => needed(run.points, 0.98 * full[run.run.set]) ?? counts.at(-1))),
      area: mean(areas),
      gain,
      ms: mean(runs.flatMap(run => run.points.slice(0, -1).map(point => point.ms))),
    }
  })
}

function weighted(values, weights) {
  let [sum, all] = [0, 0]
  values.forEach((value, at) => {
    sum += value * weights[at]
    all += weights[at]
  })
  return Number.isFinite(sum) ? sum / all : null
}

/** Cases read when the curve first reaches a height, between two rounds by the straight line; null where it never does. */
function needed(points, height) {
  const at = points.findIndex(point => point.value >= height)
  if (at < 0) return null
  const n = point => point.n ?? point.x
  const point = points[at]
  const before = points[at - 1]
  if (!before) return n(point)
  return Math.ceil(
    n(before) + ((n(point) - n(before)) * (height - before.value)) / (point.value - before.value) - 1e-9,
  )
}

export function table(summary) {
  const random = summary.find(one => one.strategy === 'random')
  const fewer = one =>
    random?.need98 && one.need98 ? `${Math.round(100 * (1 - one.need98 / random.need98))} %` : ''
  const signed = value => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(4)
  const gain = ({ gain: { value, low, high } }) =>
    low === null ? '' : `${signed(value)} (${signed(low)} to ${signed(high)})`
  return [
    '| strategy | labels for 95 % | for 98 % | fewer than random | for 98 %, mean of the runs | area under the curve | over random (95 % interval) | a round, ms |',
    '|---|---|---|---|---|---|---|---|',
    ...summary.map(
      one =>
        `| ${one.strategy} | ${one.need95 ?? '–'} | ${one.need98 ?? '–'} | ${one === random ? '' : fewer(one)} | ${Math.round(one.each98)} | ${one.area.toFixed(4)} | ${one === random ? '' : gain(one)} | ${one.ms.toFixed(0)} |`,
    ),
  ].join('\n')
}
