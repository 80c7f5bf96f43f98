import { spawn } from 'node:child_process'

export interface ProgramOutcome {
  /** Exit status; null where a signal ended it, or it is not there. */
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** The program is not there. */
  missing: boolean
}

/** Runs another program to its end, without a shell; never throws for what the program does. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<ProgramOutcome> {
  const outcome = await new Promise<ProgramOutcome>(resolve => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const end = (status: number | null, signal: NodeJS.Signals | null, missing: boolean) =>
      resolve({
        status,
        signal,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
        missing,
      })
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', error => end(null, null, (error as NodeJS.ErrnoException).code === 'ENOENT'))
    child.on('close', (status, signal) => end(status, signal, false))
  })
  options.signal?.throwIfAborted()
  return outcome
}

/** The first lines of what a program complained about, in one line. */
export function complaint({ stderr, stdout }: ProgramOutcome, lines = 3): string {
  const said = (stderr.trim() || stdout.trim()).split('\n')
  const errors = said.filter(line => /error|ERR!|cannot|undefined|not found/i.test(line))
  return (errors.length ? errors : said)
    .slice(0, lines)
    .map(line => line.trim())
    .join(' | ')
    .slice(0, 600)
}
