/** What a person sees, in a real Chromium: first paint, the list scrolled, from a key to the next picture. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { percentiles, round } from './annotator-server-process.mjs'

const here = join(import.meta.dirname, '..', '..')
const ui = join(here, 'dist', 'annotator', 'ui')

/** The executable as the browser tests find it; null where there is none. */
async function findBrowser() {
  const { existsSync } = await import('node:fs')
  const given = process.env.CHROME_PATH
  if (given) return existsSync(given) ? given : null
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(':').filter(Boolean)]
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'])
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name)
  return null
}

/** Script that the review page loads at once: what index.html names, gzipped. */
function reviewScript() {
  const html = readFileSync(join(ui, 'index.html'), 'utf8')
  const named = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path)
  const bytes = named.reduce(
    (sum, path) => sum + gzipSync(readFileSync(join(ui, path)), { level: 9 }).length,
    0,
  )
  return { files: named.length, kilobytes: round(bytes / 1000), all: readdirSync(join(ui, 'assets')).length }
}

/** @returns null where there is no browser. */
export async function measureBrowser({ url, cookie, counts }) {
  const executablePath = await findBrowser()
  if (!executablePath) return null
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const [name, value] = cookie.split(/=(.*)/s)
    const open = async () => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 720 },
        reducedMotion: 'reduce',
      })
      await context.addCookies([{ name, value, url }])
      return { context, page: await context.newPage() }
    }
    const result = { script: reviewScript(), firstPaint: [], firstCase: [] }
    for (let i = 0; i < counts.paints; i++) {
      const { context, page } = await open()
      await page.goto(url, { waitUntil: 'commit' })
      await page.waitForFunction(() => document.querySelector('.viewport img, .review img')?.complete)
      const { paint, shown } = await page.evaluate(() => ({
        paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
        shown: performance.now(),
      }))
      result.firstPaint.push(paint)
      result.firstCase.push(shown)
      await context.close()
    }
    result.firstPaint = percentiles(result.firstPaint)
    result.firstCase = percentiles(result.firstCase)
    const { page } = await open()
    await page.goto(url)
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    result.idle = await scrollFrames(page, counts.frames / 2, 0)
    result.scroll = await scrollFrames(page, counts.frames, 224)
    await page.goto(url)
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await page.waitForTimeout(1000)
    result.next = await keyToPicture(page, 'j', counts.keys)
    result.accept = await keyToPicture(page, ' ', counts.keys)
    await page.waitForFunction(
      () => document.querySelector('.saving')?.getAttribute('data-state') === 'saved',
    )
    return result
  } finally {
    await browser.close()
  }
}

/**
 * Scrolls some pixels a frame (seven rows, or none to compare with), and jumps far every fortieth frame. A frame's
 * work is from the moment it is due until after its layout and paint (a message posted from its callback comes back
 * then).
 */
async function scrollFrames(page, count, step) {
  const { work, empty } = await page.evaluate(
    async ({ frames, rows }) => {
      const box = document.querySelector('.queue-rows')
      const work = []
      let empty = 0
      for (let i = 0; i < frames; i++) {
        const due = await new Promise(requestAnimationFrame)
        box.scrollTop =
          rows > 0 && i % 40 === 39
            ? (box.scrollTop + box.scrollHeight / 7) % (box.scrollHeight - 1000)
            : box.scrollTop + rows
        await new Promise(resolve => {
          const channel = new MessageChannel()
          channel.port1.onmessage = resolve
          channel.port2.postMessage(null)
        })
        work.push(performance.now() - due)
        if (document.querySelectorAll('.queue-row').length === 0) empty++
      }
      return { work, empty }
    },
    { frames: count, rows: step },
  )
  return { ...percentiles(work), emptyFrames: empty }
}

/** From the key's own time to the end of the frame that shows the next case's picture, loaded. */
async function keyToPicture(page, key, count) {
  await page.evaluate(() => {
    let pressed = 0
    addEventListener('keydown', event => (pressed = event.timeStamp), { capture: true })
    globalThis.untilNext = () => {
      const image = document.querySelector('.viewport img')
      const began = performance.now()
      return new Promise(resolve => {
        const look = () => {
          const now = document.querySelector('.viewport img')
          const isOther = now && now !== image && now.complete && now.naturalWidth > 0
          if (performance.now() - began > 10_000) return resolve(null)
          if (!isOther) return requestAnimationFrame(look)
          const channel = new MessageChannel()
          channel.port1.onmessage = () => resolve(performance.now() - pressed)
          channel.port2.postMessage(null)
        }
        requestAnimationFrame(look)
      })
    }
  })
  const times = []
  for (let i = 0; i < count; i++) {
    const shown = page.evaluate(() => globalThis.untilNext())
    // The page must be listening before the key goes down.
    await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 0)))
    await page.keyboard.press(key === ' ' ? 'Space' : key)
    const ms = await shown
    if (ms === null) throw new Error(`bench: ${key}: the next picture did not come within 10 s`)
    times.push(ms)
    await page.waitForTimeout(150)
  }
  return percentiles(times)
}
