import { setFlagsFromString } from 'node:v8'

/** Percent of what is alive that the heap may grow by before all of it is collected. */
const GROWTH = 30

/**
 * Makes this process take less memory: V8 lets a heap of some hundred megabytes grow to a multiple before it collects
 * the whole of it, which is meant for programs that make and drop much. The desk holds nearly the same all day; the
 * collections that this adds cost a few hundredths of its time (docs/annotator-speed.md).
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
}
