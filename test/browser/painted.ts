import type { Page } from 'playwright-core'

/**
 * Milliseconds from a key to the next picture painted, each time it is pressed, in order of length. The page's own
 * clock: nothing of the way between test and browser is in it.
 */
export function keyToPainted(
  page: Page,
  press: { key: string; code: string; times: number; pause: number },
): Promise<number[]> {
  return page.evaluate(async ({ key, code, times, pause }) => {
    const taken: number[] = []
    for (let i = 0; i < times; i++) {
      const before = document.querySelector('.ground img')
      const start = performance.now()
      window.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }))
      await new Promise<void>(done => {
        const look = () => {
          const image = document.querySelector<HTMLImageElement>('.ground img')
          // A message sent within the frame arrives after that frame is painted.
          if (image !== before && image?.complete) {
            const painted = new MessageChannel()
            painted.port1.onmessage = () => done()
            painted.port2.postMessage(null)
          } else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      })
      taken.push(performance.now() - start)
      await new Promise(done => setTimeout(done, pause))
    }
    return taken.sort((a, b) => a - b)
  }, press)
}

/** The time that a share of the sorted times does not exceed, for a printed line. */
export const timeAt = (sorted: readonly number[], share: number): string =>
  sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(1)
