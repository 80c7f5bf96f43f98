import pino, { type DestinationStream, type Logger } from 'pino'
import { LesionloopError, messageOf } from '../../../data/errors.ts'

/** What the server writes to its log; `quiet` writes nothing but what went wrong, as a line a person reads. */
export type LogTarget = 'quiet' | { json: 'stderr' | DestinationStream } | { file: string }

export type ServerLog = Pick<Logger, 'info' | 'warn' | 'error'> & {
  /** Writes what is pending; afterwards nothing is lost when the process ends. */
  flush(): void
}

/**
 * The server's log: one JSON object a line (pino), or, where nobody asked for one, only errors in plain words on
 * stderr. Nothing that lets somebody in is written: no cookies, tokens, links, passwords, and no text of documents.
 * @throws LesionloopError `log-file` where the file can't be written.
 */
export function openLog(target: LogTarget): ServerLog {
  if (target === 'quiet') return quiet
  const destination = 'file' in target ? fileStream(target.file) : jsonStream(target.json)
  const log = pino(
    {
      level: 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: {
        paths: ['token', 'password', 'link', 'cookie', '*.token', '*.password', '*.link', '*.cookie'],
        censor: '[kept out]',
      },
    },
    destination,
  )
  return Object.assign(log, {
    flush: () => {
      if ('flushSync' in destination) (destination as { flushSync(): void }).flushSync()
    },
  })
}

function jsonStream(json: 'stderr' | DestinationStream): DestinationStream {
  return json === 'stderr' ? pino.destination({ dest: 2, sync: true }) : json
}

/** Written at once: a log that ends before the crash it should explain is of no use. */
function fileStream(file: string): DestinationStream {
  try {
    return pino.destination({ dest: file, append: true, mkdir: true, sync: true })
  } catch (error) {
    throw new LesionloopError(
      'log-file',
      `log: ${file}: can't be written (${messageOf(error)}); choose another with --log FILE, or --log - for stderr`,
      { file },
      { cause: error },
    )
  }
}

const quiet: ServerLog = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: unknown, words?: string) => {
    const { requestId = '', method = '', route = '', err } = (fields ?? {}) as Record<string, unknown>
    const what = err instanceof Error ? (err.stack ?? err.message) : messageOf(err)
    console.error(`${new Date().toISOString()} ${requestId} ${method} ${route}: ${words ?? ''}: ${what}`)
  },
  flush: () => undefined,
}
