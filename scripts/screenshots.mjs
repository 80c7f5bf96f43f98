/**
 * Pictures of the annotator's pages for the documentation: `node scripts/screenshots.mjs [--workspace DIR]`. Without a
 * workspace it fills a demo one. Needs a built dist/ and Chromium or Chrome (CHROME_PATH, or on the PATH).
 */
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import sharp from 'sharp'
import { root } from './ready.mjs'

const cli = join(root, 'dist', 'cli.js')
const pictures = join(root, 'docs', 'pictures')
const LAPTOP = { width: 1280, height: 720 }
const DESK = { width: 1920, height: 1080 }
const WALL = { width: 3840, height: 2160 }

function findBrowser() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter).filter(Boolean)]
  for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name)
  console.error(
    'browser: no Chromium or Chrome found: install one (`apt-get install chromium`) or set CHROME_PATH',
  )
  process.exit(1)
}

/** A workspace that may be written to: a copy of the one given, or a fresh demo. */
function workspace(given) {
  const dir = mkdtempSync(join(tmpdir(), 'lesionloop-pictures-'))
  if (given) cpSync(given, dir, { recursive: true, filter: path => !path.includes('/locks') })
  else execFileSync(process.execPath, [cli, 'demo', '--workspace', dir], { stdio: 'inherit' })
  return dir
}

async function serve(dir) {
  const child = spawn(process.execPath, [cli, 'serve', '--workspace', dir, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) }
  throw new Error('serve: stopped before it said where it is')
}

/** The case that shows most of what the desk can do: siblings, and mentions of several lesions and assertions. */
async function tellingCase(request, url) {
  const { rows } = await (await request.get(`${url}/api/cases?sort=queue&limit=200`)).json()
  let best = { score: -1, id: rows[0].id }
  for (const row of rows) {
    const reply = await (await request.get(`${url}/api/case?id=${encodeURIComponent(row.id)}`)).json()
    const { mentions, caption } = reply.case
    const score =
      2 * new Set(mentions.map(each => each.lesion)).size +
      2 * new Set(mentions.map(each => each.assertion)).size +
      Math.min(4, reply.siblings.length) +
      3 * new Set(mentions.filter(each => each.panels.includes(row.panel)).map(each => each.lesion)).size +
      (row.queue && reply.opinion ? 2 : 0) -
      (caption.length > 600 ? 5 : 0)
    if (score > best.score) best = { score, id: row.id, document: row.document }
  }
  return best
}

/** A second person reads a case otherwise than the first, so that the page of disagreements has one to show. */
async function disagree(page, browser, url, id) {
  const post = (on, path, body) =>
    on.evaluate(
      async ([to, json]) => {
        const headers = { 'Content-Type': 'application/json' }
        return (await fetch(to, { method: 'POST', headers, body: json })).json()
      },
      [path, JSON.stringify(body)],
    )
  const label = async (on, CrPa) => {
    const reply = await on.evaluate(
      async asked => (await fetch(`/api/case?id=${encodeURIComponent(asked)}`)).json(),
      id,
    )
    const lesions = { GGO: 'present', Csld: 'absent', CrPa, AirBr: 'absent', InSepThi: 'absent' }
    const op = `pictures-${CrPa}`
    const base = reply.case.version
    await post(on, '/api/acts', { op, case: id, base, act: { kind: 'label', flag: 'positive', lesions } })
  }
  const { person } = await post(page, '/api/people', { name: 'B. Reader', role: 'annotator' })
  const { link } = await post(page, '/api/people/link', { account: person.id })
  const context = await browser.newContext()
  const theirs = await context.newPage()
  await theirs.goto(new URL(link).origin === new URL(url).origin ? link : url)
  await theirs.getByRole('button', { name: 'Open the desk' }).click()
  await theirs.getByRole('button', { name: /Accept and next/ }).waitFor()
  await label(theirs, 'present')
  await label(page, 'absent')
  await context.close()
}

const given = process.argv[process.argv.indexOf('--workspace') + 1]
const dir = workspace(process.argv.includes('--workspace') ? given : null)
const { child, url, loginLink } = await serve(dir)
const browser = await chromium.launch({
  executablePath: findBrowser(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
})
try {
  mkdirSync(pictures, { recursive: true })
  const context = await browser.newContext({ viewport: LAPTOP, reducedMotion: 'reduce', locale: 'en-GB' })
  const page = await context.newPage()
  const take = async name => {
    await page.waitForTimeout(400)
    const picture = await page.screenshot()
    await sharp(picture)
      .png({ palette: true, quality: 90, effort: 8 })
      .toFile(join(pictures, `${name}.png`))
    console.log(`docs/pictures/${name}.png`)
  }
  await page.goto(loginLink)
  await page.getByLabel(/Your name|Somebody else/).fill('A. Reader')
  await take('login')
  await page.keyboard.press('Enter')
  const accept = page.getByRole('button', { name: /Accept and next/ })
  await accept.waitFor()
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('Space')
    await page.waitForTimeout(200)
  }
  const telling = await tellingCase(context.request, url)
  const { rows: some } = await (await context.request.get(`${url}/api/cases?state=open&limit=1`)).json()
  await disagree(page, browser, url, some[0].id)
  const slice = join(dir, 'images', some[0].imageFile)
  const { rows: cycles } = await (await context.request.get(`${url}/api/cycles`)).json()
  // Every page that the bar leads to, and one of each kind that lies behind a list.
  const linked = await page
    .locator('.bar nav a')
    .evaluateAll(links => links.map(link => new URL(link.href).pathname).filter(path => path !== '/'))
  const places = [
    ...linked.map(path => [path.slice(1).replaceAll('/', '-'), path]),
    ['document', `/document?id=${encodeURIComponent(telling.document ?? '')}`],
    ...(cycles[0] ? [['cycle', `/cycles/${cycles[0].id}`]] : []),
  ]
  for (const theme of ['dark', 'light']) {
    await page.goto(`${url}/?case=${encodeURIComponent(telling.id)}`)
    await accept.waitFor()
    if (theme === 'light') await page.getByRole('button', { name: 'Change to the light theme' }).click()
    await take(`review-${theme}`)
    await page.setViewportSize(DESK)
    await take(`review-${theme}-1080`)
    if (theme === 'dark') {
      await page.setViewportSize(WALL)
      await take('review-dark-4k')
    }
    await page.setViewportSize(LAPTOP)
    await page.keyboard.press('g')
    await page.waitForTimeout(400)
    await take(`guideline-${theme}`)
    await page.keyboard.press('Escape')
    await page.keyboard.press('t')
    await take(`compare-${theme}`)
    await page.keyboard.press('t')
    await page.keyboard.press('m')
    await take(`mention-${theme}`)
    await page.keyboard.press('Escape')
    await page.keyboard.press('1')
    await take(`correction-${theme}`)
    await page.keyboard.press('Backspace')
    await page.keyboard.press('?')
    await take(`keys-${theme}`)
    await page.keyboard.press('Escape')
    for (const [name, path] of places) {
      await page.goto(url + path)
      // The pages of a document are drawn by a job when they are first looked at.
      if (name === 'document')
        await page
          .getByAltText(/^Page \d+/)
          .first()
          .waitFor({ timeout: 60_000 })
          .catch(() => {})
      // A slice of the workspace stands for the one that somebody drops.
      if (name === 'diagnose') {
        await page.locator('input[type=file]').setInputFiles(slice)
        await page
          .getByRole('heading', { name: 'What the model says' })
          .waitFor({ timeout: 30_000 })
          .catch(() => {})
      }
      await page.waitForTimeout(800)
      await take(`${name}-${theme}`)
    }
  }
} finally {
  await browser.close()
  child.kill('SIGTERM')
  await new Promise(resolve => child.once('exit', resolve))
  rmSync(dir, { recursive: true, force: true })
}
