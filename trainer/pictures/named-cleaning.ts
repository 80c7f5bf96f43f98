import type { PictureOptions } from './picture-options.ts'

/** The cleaning of pictures that a backbone's name may ask for. */
export const CLEANINGS = ['grey', 'borders', 'marks'] as const

/**
 * A backbone's name with the cleaning of its pictures, `efficientnet-lite0+borders+marks`: so it stands wherever a
 * backbone does, on the command line, in a cycle's record and in a checkpoint, and who reads that cleans alike.
 * @returns null where a word behind a plus is no cleaning.
 */
export function namedCleaning(name: string): { base: string; picture: PictureOptions | null } | null {
  const [base = '', ...words] = name.split('+')
  if (words.length === 0) return { base, picture: null }
  const picture: PictureOptions = {}
  for (const word of words) {
    const cleaning = CLEANINGS.find(one => one === word)
    if (!cleaning) return null
    picture[cleaning] = true
  }
  return { base, picture }
}
