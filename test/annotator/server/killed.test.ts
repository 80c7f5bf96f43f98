import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../../data/stores/open.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { Client, caseId, newOp, smallWorkspace } from './desk-under-test.ts'

const commandLine = packagePath('dist', 'cli.js')
const isBuilt = existsSync(commandLine)
if (!isBuilt && process.env['CI'] !== 'true')
  console.warn('killed.test.ts: dist/cli.js is not built: skipped; run `npm run build`')

async function serve(
  workspace: Workspace,
): Promise<{ server: ChildProcess; url: string; loginLink: string }> {
  const args = [commandLine, 'serve', '--workspace', workspace.dir, '--port', '0', '--json']
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void server.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
  return { server, ...(JSON.parse(line) as { url: string; loginLink: string }) }
}

describe.skipIf(!isBuilt && process.env['CI'] !== 'true')('the served workspace', () => {
  it('has every acknowledged act exactly once and in order after the server was killed in the middle', async () => {
    const workspace = await smallWorkspace()
    const acknowledged: { op: string; seq: number }[] = []
    let cookie = ''
    for (const round of [1, 2, 3]) {
      const { server, url, loginLink } = await serve(workspace)
      const client = new Client(url)
      const account = round === 1 ? { name: 'Ann' } : { account: 'ann' }
      await client.post('/api/login', { token: loginLink.split('#')[1], ...account })
      cookie = client.cookie
      expect(cookie).not.toBe('')
      const before = acknowledged.length
      const saving = Array.from({ length: 6 }, async (_, reader) => {
        const id = caseId(1 + (reader % 2), 'ABC'[reader % 3]!)
        let base = (await client.get(`/api/case?id=${encodeURIComponent(id)}`)).body.case.version as number
        for (;;) {
          const op = newOp()
          const answer = await client.act(id, base++, { kind: 'note', text: `by ${reader}` }, op)
          if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
          acknowledged.push({ op, seq: answer.body.act.seq })
        }
      })
      // Who is cut off in the middle sees a broken connection, and nothing else.
      const outcomes = Promise.allSettled(saving)
      await expect
        .poll(() => acknowledged.length, { interval: 5, timeout: 10_000 })
        .toBeGreaterThan(before + 30 * round)
      server.kill('SIGKILL')
      for (const outcome of await outcomes)
        expect(String((outcome as PromiseRejectedResult).reason)).toMatch(/fetch failed|terminated/)
    }
    const store = await openStore(await openWorkspace(workspace.dir))
    const written = new Map<string, number>()
    let last = 0
    for await (const act of store.acts.read()) {
      expect(act.seq).toBe(++last)
      expect(written.has(act.op)).toBe(false)
      written.set(act.op, act.seq)
    }
    await store.close()
    for (const { op, seq } of acknowledged) expect(written.get(op)).toBe(seq)
    // At most what was on its way from six readers at each of the three ends was written without an answer.
    expect(written.size - acknowledged.length).toBeLessThanOrEqual(18)
  }, 60_000)
})
