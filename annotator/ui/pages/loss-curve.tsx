import type { JSX } from 'solid-js'

/** The latest losses of a running cycle. */
export function LossCurve(props: { points: readonly Record<string, number>[] }): JSX.Element {
  const last = () => props.points.at(-1) ?? {}
  return (
    <p class="quiet">
      {Object.entries(last())
        .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(4)}`)
        .join(' · ')}
    </p>
  )
}
