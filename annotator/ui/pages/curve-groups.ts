import type { Curve } from '../../../data/records/cycle.ts'

export interface CurveGroup {
  name: string
  curves: Curve[]
}

/**
 * Curves that can share a frame without hiding each other: the flag's and the lesions' apart, and each side apart.
 * A curve is named by its head and, after a comma, what it was measured on ("GGO, test").
 */
export function curveGroups(curves: readonly Curve[]): CurveGroup[] {
  const groups = new Map<string, Curve[]>()
  for (const curve of curves) {
    const [head = '', ...rest] = curve.name.split(', ')
    const name = [head === 'flag' ? 'COVID flag' : 'lesions', ...rest].join(', ')
    groups.set(name, [...(groups.get(name) ?? []), { ...curve, name: head === 'flag' ? 'flag' : head }])
  }
  return [...groups].map(([name, members]) => ({ name, curves: members }))
}
