import { LESIONS, type Lesion } from '../../records/vocabulary.ts'
import type { Random } from '../random.ts'
import type { Distribution } from './patches.ts'

/** What ails the phantom. Everything but `covid` is a control by the flag. */
export const DISEASES = [
  'covid',
  'normal',
  'lobar-pneumonia',
  'bronchopneumonia',
  'viral-pneumonia',
  'oedema',
  'pneumocystis',
  'abscess',
  'effusion',
  'nodules',
  'emphysema',
] as const
export type Disease = (typeof DISEASES)[number]

interface Profile {
  /** How often each lesion is seen in it. */
  lesions: Partial<Record<Lesion, number>>
  distribution: Partial<Record<Distribution, number>>
  bilateral: number
  /** Other signs, none of them one of the five lesions. */
  effusion?: number
  buds?: number
  cavity?: number
  nodules?: number
  emphysema?: number
}

/**
 * Rough shares after what radiology teaches: COVID-19 is mostly bilateral, peripheral and posterior with ground glass,
 * but not always; influenza and organising pneumonia may look the same.
 */
export const PROFILES: Record<Disease, Profile> = {
  covid: {
    lesions: { GGO: 0.85, Csld: 0.4, CrPa: 0.25, AirBr: 0.2, InSepThi: 0.25 },
    distribution: { peripheral: 0.72, diffuse: 0.14, central: 0.08, lobar: 0.06 },
    bilateral: 0.8,
    effusion: 0.04,
  },
  normal: { lesions: {}, distribution: { peripheral: 1 }, bilateral: 0.5 },
  'lobar-pneumonia': {
    lesions: { Csld: 1, AirBr: 0.6, GGO: 0.35 },
    distribution: { lobar: 0.9, central: 0.1 },
    bilateral: 0.12,
    effusion: 0.35,
  },
  bronchopneumonia: {
    lesions: { Csld: 0.75, GGO: 0.5, AirBr: 0.25 },
    distribution: { central: 0.75, peripheral: 0.25 },
    bilateral: 0.6,
    buds: 0.9,
    effusion: 0.15,
  },
  'viral-pneumonia': {
    lesions: { GGO: 0.9, Csld: 0.35, CrPa: 0.12, InSepThi: 0.25, AirBr: 0.12 },
    distribution: { peripheral: 0.42, diffuse: 0.33, central: 0.25 },
    bilateral: 0.72,
    buds: 0.15,
  },
  oedema: {
    lesions: { InSepThi: 0.95, GGO: 0.6 },
    distribution: { central: 0.75, diffuse: 0.25 },
    bilateral: 0.97,
    effusion: 0.7,
  },
  pneumocystis: {
    lesions: { GGO: 1, CrPa: 0.45, InSepThi: 0.2 },
    distribution: { diffuse: 0.7, central: 0.3 },
    bilateral: 0.97,
  },
  abscess: {
    lesions: { Csld: 0.5 },
    distribution: { lobar: 0.5, central: 0.5 },
    bilateral: 0.1,
    cavity: 1,
    effusion: 0.3,
  },
  effusion: { lesions: {}, distribution: { peripheral: 1 }, bilateral: 0.5, effusion: 1 },
  nodules: { lesions: {}, distribution: { peripheral: 1 }, bilateral: 0.6, nodules: 1 },
  emphysema: { lesions: {}, distribution: { peripheral: 1 }, bilateral: 1, emphysema: 1 },
}

/** Draws a disease that is not COVID-19, as often as hospitals' control slices hold them. */
export function drawControlDisease(random: Random): Disease {
  const roll = random.next()
  if (roll < 0.26) return 'normal'
  if (roll < 0.42) return 'lobar-pneumonia'
  if (roll < 0.55) return 'bronchopneumonia'
  if (roll < 0.7) return 'viral-pneumonia'
  if (roll < 0.78) return 'oedema'
  if (roll < 0.84) return 'pneumocystis'
  if (roll < 0.88) return 'abscess'
  if (roll < 0.92) return 'effusion'
  return roll < 0.97 ? 'nodules' : 'emphysema'
}

/** Draws the lesions of a disease; air bronchograms come with consolidation, crazy paving with ground glass. */
export function drawLesionsOf(random: Random, disease: Disease): Lesion[] {
  const shares = PROFILES[disease].lesions
  const drawn = LESIONS.filter(lesion => random.next() < (shares[lesion] ?? 0))
  return impliedLesions(drawn)
}

/** The lesions that cannot be pictured without another, with that other. */
export function impliedLesions(lesions: readonly Lesion[]): Lesion[] {
  const all = new Set(lesions)
  if (all.has('AirBr')) all.add('Csld')
  if (all.has('CrPa')) all.add('GGO')
  return LESIONS.filter(lesion => all.has(lesion))
}

export function drawDistribution(random: Random, disease: Disease): Distribution {
  let roll = random.next()
  for (const [name, share] of Object.entries(PROFILES[disease].distribution)) {
    roll -= share
    if (roll < 0) return name as Distribution
  }
  return 'peripheral'
}
