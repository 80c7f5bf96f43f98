import type { Head } from '../../data/records/vocabulary.ts'

/** A head as it is spoken of in a sentence. */
export const headName = (head: Head) => (head === 'flag' ? 'the COVID flag' : head)
