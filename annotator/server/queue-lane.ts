/** Places of the cycle's order that are gone through as one. */
export interface Lane {
  places: number[]
  /** Where a case stands, as an index into `places`. */
  at: Map<string, number>
  waits: Uint8Array
  open: number
}

/** The same places, looked at anew. */
export function renewed({ places, at }: Lane, isOpen: (place: number) => boolean): Lane {
  const waits = Uint8Array.from(places, place => (isOpen(place) ? 1 : 0))
  return { places, at, waits, open: waits.reduce((sum, each) => sum + each, 0) }
}

/** Places of the order as a lane. @param cases ids by place. */
export function makeLane(
  places: number[],
  cases: readonly string[],
  isOpen: (place: number) => boolean,
): Lane {
  const lane = { places, at: new Map<string, number>(), waits: new Uint8Array(0), open: 0 }
  for (const [index, place] of places.entries()) lane.at.set(cases[place]!, index)
  return renewed(lane, isOpen)
}

/** Marks whether a case waits; one that stands in another lane changes nothing. */
export function setWaiting(lane: Lane, caseId: string, waits: boolean): void {
  const index = lane.at.get(caseId)
  if (index === undefined) return
  const now = waits ? 1 : 0
  lane.open += now - lane.waits[index]!
  lane.waits[index] = now
}
