import { readFileSync } from 'node:fs'
import { packagePath } from '../../../data/workspace/package-root.ts'

export interface TwoClass {
  labels: number[]
  scores: number[]
  weights: number[]
  auc: number
  aucWeighted: number
  ap: number
  apWeighted: number
  roc: [number[], number[], (number | null)[]]
  pr: [number[], number[]]
  accuracy: number
  f1: number
  sensitivity: number
  specificity: number
  precision: number
  accuracyWeighted: number
  f1Weighted: number
  brier: number
  youden: number
  bestF1: number
  temperature: number | null
  platt: [number, number]
  isotonic: [number[], number[]]
  eceMass: number
  eceWidth: number
}

export interface Reference {
  twoClass: TwoClass[]
  logistic: {
    rows: number[][]
    labels: number[]
    l2: number
    balanced: boolean
    weights: number[]
    intercept: number
    probabilities: number[]
  }[]
  cohen: { one: number[]; other: number[]; kappa: number; error: number; low: number; high: number }[]
  fleiss: { ratings: (number | null)[][]; kappa: number; error: number; observed: number }[]
  proportions: { hits: number; trials: number; level: number; low: number; high: number }[]
  normal: [number, number][]
  quantiles: { values: number[]; at: [number, number][] }
  entropy: { p: number[]; binary: number[]; whole: number }
}

/** Values computed by outside programs; see the README beside the file. */
export const reference = JSON.parse(
  readFileSync(packagePath('test', 'data', 'fixtures', 'statistics', 'reference.json'), 'utf8'),
) as Reference

/** Digits after the point for agreement to 1e-9. */
export const NINE = 9
