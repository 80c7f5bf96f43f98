import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import { launch, withoutBrowser } from './chromium.ts'
import { openDesk, signIn } from './desk.ts'

/** Tests that share one browser; skipped, with a line that says how to get one, where there is none. */
export function inChromium(title: string, tests: (browser: () => Browser) => void): void {
  describe.skipIf(withoutBrowser())(title, () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await launch()
    })
    afterAll(async () => {
      await browser?.close()
    })
    tests(() => browser)
  })
}

/** A desk of its own for the test that calls this, cleared away after it. */
export async function ownDesk(documents?: number) {
  const desk = await openDesk(documents)
  onTestFinished(() => desk.close())
  return desk
}

/** A person signed in for the test that calls this, in a browser of their own that is closed after it. */
export async function sitDown(...of: Parameters<typeof signIn>) {
  const seat = await signIn(...of)
  onTestFinished(() => seat.context.close())
  return seat
}
