import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The browser that is there: CHROME_PATH first, then the usual names on the PATH. */
export function findChromium(): string | null {
  const given = process.env['CHROME_PATH']
  if (given) return existsSync(given) ? given : null
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean)]
  for (const name of NAMES)
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name)
  return null
}

/**
 * True where the browser tests can't run; says in one line how to get a browser. With CI=true a missing browser is
 * a failure.
 */
export function withoutBrowser(): boolean {
  if (findChromium()) return false
  const words =
    'browser: no Chromium or Chrome found: install one (`apt-get install chromium`) or set CHROME_PATH'
  if (process.env['CI'] === 'true') throw new Error(words)
  console.warn(`${words}; browser tests are skipped`)
  return true
}

/**
 * A browser that listens on every page, and in every frame, to what their security policy refuses: where there was any,
 * closing it is an error.
 */
export async function launch(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('browser: none found')
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const refused = new Set<string>()
  const newContext = browser.newContext.bind(browser)
  browser.newContext = async options => {
    const context = await newContext(options)
    await context.exposeFunction('policyRefused', (what: string) => void refused.add(what))
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', event => {
        const { policyRefused } = window as unknown as { policyRefused(what: string): void }
        const { effectiveDirective, blockedURI, documentURI, sample } = event
        policyRefused(`${effectiveDirective}: ${blockedURI} ${sample} on ${documentURI}`)
      }),
    )
    return context
  }
  const close = browser.close.bind(browser)
  browser.close = async options => {
    await close(options)
    if (refused.size > 0) throw new Error(`pages: refused by their policy: ${[...refused].join('; ')}`)
  }
  return browser
}
