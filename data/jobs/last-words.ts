import { readFile } from 'node:fs/promises'

const LONGEST = 500
/** As much of a log's end is looked through: an error with its stack, or V8's report of a full memory. */
const LOOKED_THROUGH = 20_000

/** How node and V8 begin the line that says why a process cannot go on: "TypeError: …", "Error [ERR_…]: …". */
const REASON = /^(?:FATAL ERROR: |Uncaught |(?:[A-Z]\w*)?(?:Error|Exception|Rejection)(?: \[\w+\])?: )/
/** What they print around it: stacks, the code that threw, the error's fields, their own version. */
const AROUND = /^(?:at |node:internal|Node\.js v|code: |requireStack: |url: |-{3,} |\d+: 0x|[\^{}[\]]+,?$|$)/

/**
 * Why a process ended, by its log from a byte on: the last line that names an error, else its last line; undefined
 * where it printed nothing.
 */
export async function lastWordsOf(path: string, from: number): Promise<string | undefined> {
  const log = await readFile(path).catch(() => Buffer.alloc(0))
  return lastWords(log.subarray(from).toString('utf8'))
}

export function lastWords(log: string): string | undefined {
  const lines = log
    .slice(-LOOKED_THROUGH)
    .split('\n')
    .map(line => line.trim())
  const telling = lines.filter(line => !AROUND.test(line))
  const words =
    lines.findLast(line => REASON.test(line)) ?? telling.at(-1) ?? lines.findLast(line => line !== '')
  return words?.slice(0, LONGEST)
}
