import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import pino, { type DestinationStream, type Logger } from 'pino'
import { LesionloopError, messageOf } from '../../../data/errors.ts'
import { warnOnce } from '../warnings.ts'

type Destination = DestinationStream | ReturnType<typeof pino.destination>

/** What the server writes to its log; `quiet` writes nothing but what went wrong, as a line a person reads. */
export type LogTarget = 'quiet' | { json: 'stderr' | DestinationStream } | { file: string }

export type ServerLog = Pick<Logger, 'info' | 'warn' | 'error'> & {
  /** Resolves when what is pending is written; afterwards nothing is lost when the process ends. */
  flush(): Promise<void>
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
    // A log that can't be written any more (its disk is full) must not stop the server from stopping.
    flush: () =>
      new Promise<void>(resolve => ('flush' in destination ? destination.flush(() => resolve()) : resolve())),
  })
}

function jsonStream(json: 'stderr' | DestinationStream): Destination {
  return json === 'stderr' ? written(2) : json
}

function fileStream(file: string): Destination {
  try {
    mkdirSync(dirname(file), { recursive: true })
    return written(openSync(file, 'a'))
  } catch (error) {
    throw new LesionloopError(
      'log-file',
      `log: ${file}: can't be written (${messageOf(error)}); choose another with --log FILE, or --log - for stderr`,
      { file },
      { cause: error },
    )
  }
}

/**
 * Written as it comes, beside the requests and not within them: a disk that is busy, or a reader of the pipe that is
 * slow, holds nobody's save. What an error in the program ends is written in full before it ends.
 */
function written(descriptor: number): Destination {
  const stream = pino.destination({ dest: descriptor, sync: false })
  // Without a listener a full disk would end the server for its log's sake.
  stream.on('error', error =>
    warnOnce(`log: can't be written (${messageOf(error)}); the server goes on without`),
  )
  return stream
}

const quiet: ServerLog = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: unknown, words?: string) => {
    const { requestId = '', method = '', route = '', err } = (fields ?? {}) as Record<string, unknown>
    const what = err instanceof Error ? (err.stack ?? err.message) : messageOf(err)
    console.error(`${new Date().toISOString()} ${requestId} ${method} ${route}: ${words ?? ''}: ${what}`)
  },
  flush: async () => undefined,
}
