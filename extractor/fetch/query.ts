import { LesionloopError } from '../../data/errors.ts'

/** Whether a preprint's title or abstract says what was asked for. */
export type Query = (of: { title?: string | undefined; abstract?: string | undefined }) => boolean

/**
 * A search as curators write it: all words must stand in title or abstract, "in quotes" as a phrase, a word with a star
 * at its end by its beginning (`opacit*`), a word with a minus before it nowhere. Case and accents count for nothing.
 * @throws LesionloopError `usage` for a quote that is never closed.
 */
export function parseQuery(words: string): Query {
  if ((words.match(/"/g) ?? []).length % 2 === 1)
    throw new LesionloopError(
      'usage',
      `fetch: --query ${words}: a quote that is never closed; close the phrase`,
    )
  const parts = [...words.matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)].flatMap(([, minus, phrase, word]) => {
    const tokens = plain(phrase ?? word ?? '').match(/[\p{L}\p{N}]+\*?/gu) ?? []
    if (tokens.length === 0) return []
    const inner = tokens.map(token => (token.endsWith('*') ? `${token.slice(0, -1)}[\\p{L}\\p{N}]*` : token))
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${inner.join('[^\\p{L}\\p{N}]+')}(?![\\p{L}\\p{N}])`, 'u')
    return [{ pattern, isWanted: minus === '' }]
  })
  return ({ title, abstract }) => {
    const text = plain(`${title ?? ''}\n${abstract ?? ''}`)
    return parts.every(({ pattern, isWanted }) => pattern.test(text) === isWanted)
  }
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
