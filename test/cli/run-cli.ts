import { spawn } from 'node:child_process'
import { packagePath } from '../../data/workspace/package-root.ts'

export interface Run {
  status: number | null
  out: string
  err: string
}

/** Runs the built command line as a person does: a process of its own. `input` goes to its stdin. */
export function runCli(
  args: readonly string[],
  options: {
    input?: string | Buffer
    env?: Record<string, string>
    node?: readonly string[]
    cwd?: string
  } = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(options.node ?? []), packagePath('dist', 'cli.js'), ...args], {
      env: { ...process.env, ...options.env },
      cwd: options.cwd ?? packagePath(),
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      err += text
    })
    child.on('error', reject)
    child.on('close', status => resolve({ status, out, err }))
    // A run that refuses its arguments closes its stdin before it is read.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}
