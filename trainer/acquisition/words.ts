import type { Head } from '../../data/records/vocabulary.ts'

/** A head as it is spoken of in a sentence. */
export const headName = (head: Head) => (head === 'flag' ? 'the COVID flag' : head)

/** "GGO, Csld and CrPa" */
export const listed = (names: readonly string[]) =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '')

/** "1 case", "3 cases" */
export const counted = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

/** A share in per cent, with a decimal where it is below ten: "3.4 %", "12 %". */
export const percent = (share: number) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`
