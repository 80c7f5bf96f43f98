/** A pair worth a look: the part `window` of `first` has a hash near that of the whole of `second`. */
export interface Candidate {
  first: number
  second: number
  window: number
  bits: number
}

/** For each picture the few others that are nearest, kept while pairs come in any number and order. */
export interface NearestList {
  offer(candidate: Candidate): void
  /** All that were kept, the nearest first. */
  sorted(): Candidate[]
}

/** Of two pictures only the nearest pair of parts is kept. @param kept so many for each `first`. */
export function nearestList(kept: number): NearestList {
  const lists = new Map<number, Candidate[]>()
  return {
    offer(candidate) {
      const list = lists.get(candidate.first)
      if (!list) {
        lists.set(candidate.first, [candidate])
        return
      }
      // The list is in order, so that what is too far is seen at its end.
      if (list.length === kept && inOrder(candidate, list[kept - 1]!) >= 0) return
      const known = list.findIndex(({ second }) => second === candidate.second)
      if (known >= 0) {
        if (list[known]!.bits <= candidate.bits) return
        list.splice(known, 1)
      } else if (list.length === kept) list.pop()
      let at = list.length
      while (at > 0 && inOrder(candidate, list[at - 1]!) < 0) at--
      list.splice(at, 0, candidate)
    },
    sorted: () => [...lists.values()].flat().sort(inOrder),
  }
}

const inOrder = (a: Candidate, b: Candidate) => a.bits - b.bits || a.first - b.first || a.second - b.second
