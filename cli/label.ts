import { createReadStream } from 'node:fs'
import { basename, extname } from 'node:path'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { createMiner } from '../extractor/text/miner.ts'
import { type RowFormat, readRows } from '../extractor/text/rows.ts'
import { fileError, labelLine, write } from './label-line.ts'
import { limitsOf, POOL_ARGS } from './pool-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'

const FORMATS: Record<string, RowFormat> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.csv': 'csv',
  '.txt': 'lines',
}

export default defineCommand({
  meta: {
    name: 'label',
    description: 'Texts in, findings out: a stream of JSON lines, CSV rows or plain lines to JSON lines',
  },
  args: {
    file: {
      type: 'positional',
      required: false,
      description: 'JSONL, CSV or text files; - or nothing: standard input',
    },
    format: {
      type: 'string',
      description: 'jsonl, csv or lines, where it cannot be told from the name or the first line',
    },
    ...POOL_ARGS,
  },
  run: ({ args }) => {
    const terminal = openTerminal()
    return runVerb(terminal, async () => {
      const limits = limitsOf('label', args)
      if (args._.length > 1) {
        // Loaded for several files only: a single stream starts at once.
        const { labelFiles } = await import('./label-files.ts')
        const files = args._.map(String).map(path => ({ path, format: formatOf(path, args.format) }))
        return await labelFiles(files, limits, terminal)
      }
      const file = args.file ?? '-'
      const format = formatOf(file, args.format)
      if (file === '-' && process.stdin.isTTY)
        throw new LesionloopError(
          'usage',
          'label: no input: expected a file or a pipe; run lesionloop label FILE, or echo "…" | lesionloop label -',
        )
      const name = file === '-' ? 'standard input' : basename(file)
      const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 18 })
      const miner = createMiner()
      let clean = true
      let reader = true
      process.stdout.on('error', () => {
        // The reader of the pipe went away ("label … | head"): stop quietly.
        reader = false
      })
      try {
        for await (const batch of readRows(input, name, format)) {
          let out = ''
          for (const each of batch) {
            if (terminal.signal.aborted || !reader) break
            if ('problem' in each) {
              clean = false
              terminal.say(each.problem.message)
              continue
            }
            out += `${JSON.stringify(labelLine(miner, each.row))}\n`
            if (out.length > 1 << 16) {
              await write(out)
              out = ''
            }
          }
          if (out !== '' && reader) await write(out)
          if (terminal.signal.aborted) throw terminal.signal.reason
          if (!reader) break
        }
      } catch (error) {
        throw fileError(error, file)
      }
      return clean
    })
  },
})

function formatOf(file: string, given: string | undefined): RowFormat | null {
  if (given === undefined) return FORMATS[extname(file).toLowerCase()] ?? null
  if (given === 'jsonl' || given === 'csv' || given === 'lines') return given
  throw new LesionloopError(
    'usage',
    `label: --format ${given}: expected jsonl, csv or lines; give one of them or leave it out`,
  )
}
