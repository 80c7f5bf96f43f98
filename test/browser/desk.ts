import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type RunningServer, startServer } from '../../annotator/server/start.ts'
import type { Act } from '../../data/records/act.ts'
import type { MinedCase } from '../../data/records/case.ts'
import { openStore } from '../../data/stores/open.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { onceARun } from './once-a-run.ts'
import { fillReadingRoom } from './reading-room.ts'

/** A fresh workspace of a few documents, copied from one that is filled once for each run. */
export async function freshWorkspace(documents = 4): Promise<{ dir: string; cases: MinedCase[] }> {
  const room = await onceARun(`room-${documents}`, async folder => {
    const { cases } = await fillReadingRoom(join(folder, 'workspace'), { documents, width: 160 })
    await writeFile(join(folder, 'cases.json'), JSON.stringify(cases))
  })
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-desk-'))
  await cp(join(room, 'workspace'), dir, { recursive: true })
  return { dir, cases: JSON.parse(await readFile(join(room, 'cases.json'), 'utf8')) as MinedCase[] }
}

export interface Desk {
  dir: string
  cases: MinedCase[]
  server: RunningServer
  close(): Promise<void>
}

/** The true server over a fresh workspace. */
export async function openDesk(documents?: number): Promise<Desk> {
  const { dir, cases } = await freshWorkspace(documents)
  const server = await startServer({ workspace: dir })
  return {
    dir,
    cases,
    server,
    async close() {
      await server.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Everything the page complained of: errors, and what its security policy refused. */
export function complaints(page: Page): string[] {
  const heard: string[] = []
  page.on('pageerror', error => heard.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      heard.push(message.text())
  })
  return heard
}

/** Signs a new person in by a one-time link, in a browser of their own, and waits for the first case. */
export async function signIn(
  browser: Browser,
  link: string,
  name: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; page: Page; heard: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  const heard = complaints(page)
  await page.goto(link)
  await page.getByLabel(/Your name|Somebody else/).fill(name)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /Accept and next/ }).waitFor()
  return { context, page, heard }
}

/** Waits until everything decided is on the server's disk. */
export function allSaved(page: Page): Promise<unknown> {
  return page.waitForFunction(() => document.querySelector('.saving')?.getAttribute('data-state') === 'saved')
}

/** Which case the page shows: its id, as the address has it. */
export function caseShown(page: Page): string {
  return new URL(page.url()).searchParams.get('case') ?? ''
}

/** The journal as it lies on the disk; only where no server has it open, or to read beside one. */
export async function journalOf(dir: string): Promise<Act[]> {
  const store = await openStore(await openWorkspace(dir))
  try {
    const acts: Act[] = []
    for await (const act of store.acts.read()) acts.push(act)
    return acts
  } finally {
    await store.close()
  }
}

/** The built command line's server as a process of its own, to be killed in mid-work. */
export async function serveApart(
  dir: string,
  port: number,
): Promise<{ process: ChildProcess; url: string; loginLink: string }> {
  const child = spawn(
    process.execPath,
    [packagePath('dist', 'cli.js'), 'serve', '--workspace', dir, '--port', String(port), '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, loginLink } = JSON.parse(line) as { url: string; loginLink: string }
    return { process: child, url, loginLink }
  }
  throw new Error('serve: stopped before it said where it is')
}
