import type { JSX } from 'solid-js'
import type { Curve } from '../../../data/records/cycle.ts'
import { PlotFigure } from './plot-figure.tsx'

/** The series of points as curves over their epoch, or over their order where they carry none. */
export function curvesOf(points: readonly Record<string, number>[]): Curve[] {
  const names = [...new Set(points.flatMap(point => Object.keys(point)))].filter(
    name => name !== 'epoch' && name !== 'fold',
  )
  return names.map(name => ({
    name: name.replace(/Loss$/, '').replace(/^val$/, 'validation'),
    points: points.flatMap((point, at): [number, number][] => {
      const value = point[name]
      return value === undefined ? [] : [[point['epoch'] ?? at + 1, value]]
    }),
  }))
}

/** The losses of a running cycle as they come. */
export function LossCurve(props: { points: readonly Record<string, number>[] }): JSX.Element {
  return (
    <PlotFigure
      words="loss by epoch"
      draw={(plots, theme) =>
        plots.lossPlot(curvesOf(props.points), { theme, title: 'loss by epoch', height: 260 })
      }
    />
  )
}
