export type Settled<I, O> = { item: I; at: number } & ({ ok: true; value: O } | { ok: false; error: unknown })

/**
 * Begins the work for the items, at most `ahead` of them before the first unfinished one, and gives each one's outcome in
 * the items' order. What is begun and not asked for any more ends unheard.
 */
export async function* inOrder<I, O>(
  items: readonly I[],
  ahead: number,
  begin: (item: I, at: number) => Promise<O>,
): AsyncGenerator<Settled<I, O>> {
  const begun: Promise<Settled<I, O>>[] = []
  let next = 0
  const top = () => {
    while (next < items.length && begun.length < Math.max(1, ahead)) {
      const at = next++
      const item = items[at]!
      begun.push(
        begin(item, at).then(
          value => ({ item, at, ok: true, value }),
          error => ({ item, at, ok: false, error }),
        ),
      )
    }
  }
  for (top(); begun.length > 0; top()) yield await begun.shift()!
}
