import type { Head } from '../records/vocabulary.ts'

/** Colours of page and report; lesions in Okabe and Ito's colours, told apart by colour-blind readers. */
export interface Theme {
  ground: string
  surface: string
  raised: string
  text: string
  quiet: string
  /** Around the slice, black in both themes. */
  viewport: string
  heads: Record<Head, string>
}

export const THEMES: Record<'dark' | 'light', Theme> = {
  dark: {
    ground: '#0f1113',
    surface: '#16191c',
    raised: '#1e2226',
    text: '#e7e9eb',
    quiet: '#9aa3ab',
    viewport: '#000000',
    heads: {
      flag: '#ff7a45',
      GGO: '#56b4e9',
      Csld: '#f0a830',
      CrPa: '#d493bd',
      AirBr: '#2bc79b',
      InSepThi: '#efe05a',
    },
  },
  light: {
    ground: '#f6f7f8',
    surface: '#ffffff',
    raised: '#ffffff',
    text: '#14171a',
    quiet: '#59636c',
    viewport: '#000000',
    heads: {
      flag: '#b33c00',
      GGO: '#0a6ca8',
      Csld: '#8a5a00',
      CrPa: '#94407c',
      AirBr: '#00735a',
      InSepThi: '#6b6200',
    },
  },
}
export type ThemeName = keyof typeof THEMES

/** The colour of a series: its head's where its name begins with one ("GGO, cycle 3"), else one of the rest in turn. */
export function seriesColours(names: readonly string[], theme: Theme): string[] {
  const heads = Object.entries(theme.heads)
  const own = names.map(name => heads.find(([head]) => new RegExp(`^${head}\\b`).test(name))?.[1])
  // Names without a head take colours no other series has, as long as there are any.
  const free = [theme.heads.flag, theme.heads.GGO, theme.quiet, ...heads.map(([, colour]) => colour)].filter(
    (colour, at, all) => all.indexOf(colour) === at && !own.includes(colour),
  )
  let next = 0
  return own.map(colour => colour ?? free[next++ % Math.max(1, free.length)] ?? theme.text)
}
