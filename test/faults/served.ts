import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { Client } from '../annotator/server/desk-under-test.ts'

const commandLine = packagePath('dist', 'cli.js')

/** False, with a line, where the command line is not built; in CI that is a failure later on. */
export function isBuilt(): boolean {
  if (existsSync(commandLine) || process.env['CI'] === 'true') return true
  console.warn('dist/cli.js is not built: skipped; run `npm run build`')
  return false
}

export interface Served {
  server: ChildProcess
  url: string
  loginLink: string
  /** What it wrote to stderr so far. */
  said(): string
}

/** Starts `lesionloop serve` of the build on a free port, with further flags where given. @throws Error with what it said, where it does not start. */
export async function serve(workspace: string, ...flags: string[]): Promise<Served> {
  const args = [commandLine, 'serve', '--workspace', workspace, '--port', '0', '--json', ...flags]
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void server.kill('SIGKILL'))
  let said = ''
  server.stderr.setEncoding('utf8').on('data', text => {
    said += text
  })
  const [line] = (await Promise.race([
    once(createInterface({ input: server.stdout }), 'line'),
    once(server, 'close').then(([code]) => {
      throw new Error(`serve: ended with ${code}: ${said}`)
    }),
  ])) as [string]
  const answer = JSON.parse(line) as { url: string; loginLink: string; error?: { message: string } }
  if (answer.error) {
    const [code] = server.exitCode === null ? await once(server, 'close') : [server.exitCode]
    throw new Error(`serve: ended with ${code}: ${answer.error.message}`)
  }
  return { server, url: answer.url, loginLink: answer.loginLink, said: () => said }
}

/** Somebody who is logged in. */
export async function loggedIn({ url, loginLink }: Served, name = 'Ann'): Promise<Client> {
  const client = new Client(url)
  const token = loginLink.split('#')[1]
  const first = await client.post('/api/login', { token, name })
  if (first.status !== 200) await client.post('/api/login', { token, account: name.toLowerCase() })
  if (!client.cookie) throw new Error(`login: ${JSON.stringify(first.body)}`)
  return client
}
