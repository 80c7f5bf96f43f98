import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { builtCommandLine, type Program } from './child.ts'
import { stepBack } from './priority.ts'

/** Between the end of a worker that died and the start of the next, in milliseconds. */
const AGAIN_MS = 5000
/** What it does gets this long to stop at a safe point, and a little more to be given back. */
const GRACE_MS = 25_000

/**
 * Keeps a worker running beside a server, behind it in the queue for the processor. It stops when the server does, also
 * when that is killed.
 * @throws LesionloopError `not-built`.
 */
export function startWorkerBeside(
  folder: string,
  { program = builtCommandLine() }: { program?: Program } = {},
): { close(): Promise<void> } {
  let child: ChildProcess | undefined
  let again: NodeJS.Timeout | undefined
  let closed: Promise<void> | undefined

  function start(): void {
    child = spawn(program.command, [...program.args, 'worker', '--workspace', folder, '--quiet'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    // Not started at all: tried again, like one that died.
    child.on('error', () => undefined)
    if (child.pid !== undefined) stepBack(child.pid)
    child.once('close', () => {
      if (!closed) again = setTimeout(start, AGAIN_MS).unref()
    })
  }
  start()
  return {
    close() {
      closed ??= (async () => {
        clearTimeout(again)
        const last = child
        if (!last || last.exitCode !== null || last.signalCode !== null || last.pid === undefined) return
        const gone = once(last, 'exit')
        // Not by a signal: a second one, after the terminal's own, would end it at once.
        if (last.connected) last.disconnect()
        const kill = setTimeout(() => last.kill('SIGKILL'), GRACE_MS)
        await gone
        clearTimeout(kill)
      })()
      return closed
    },
  }
}
