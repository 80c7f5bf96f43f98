import { mkdir, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { defineCommand } from 'citty'
import { codeOf, LesionloopError, messageOf } from '../data/errors.ts'
import type { PoolLimits } from '../data/pool/task.ts'
import { limitsOf, POOL_ARGS } from './pool-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'figures',
    description: 'The figures of PDFs: captions, pictures, panels, with where they stand',
  },
  args: {
    json: { type: 'boolean', description: 'print JSON (one list, a document an entry)' },
    out: { type: 'string', description: 'write the pictures into this folder' },
    ...POOL_ARGS,
    pdf: { type: 'positional', description: 'PDF files', required: true },
  },
  run: ({ args }) => {
    const terminal = openTerminal()
    return runVerb(terminal, async () => {
      const limits = limitsOf('figures', args)
      const { printedFigures } = await import('../extractor/figures/print.ts')
      const files = args._.map(String)
      const { out } = args
      if (out) await mkdir(out, { recursive: true })
      const printed: ReturnType<typeof printedFigures>[] = []
      for await (const { item: path, at, ...read } of figuresOfFiles(files, out, limits, terminal.signal)) {
        if (terminal.signal.aborted) throw terminal.signal.reason
        const where = { step: 'figures', total: files.length, detail: basename(path) }
        if (read.ok) {
          for (const { file, bytes } of read.value.pictures) await writeFile(file, bytes)
          printed.push(printedFigures(path, read.value.mined))
          terminal.progress({ ...where, done: at + 1 })
        } else {
          const known = read.error instanceof LesionloopError ? read.error : unreadable(path, read.error)
          const { code, message } = known
          terminal.progress({ ...where, done: at, problem: { item: path, code, message } })
          printed.push({ pdf: path, pages: 0, figures: [], skipped: [{ page: 0, reason: message }] })
        }
      }
      if (terminal.signal.aborted) throw terminal.signal.reason
      if (args.json) terminal.print(JSON.stringify(printed, null, 1))
      else
        for (const { pdf, pages, figures, skipped } of printed) {
          terminal.print(`${pdf}: ${pages} pages, ${figures.length} figures`)
          for (const figure of figures) {
            const panels = figure.panels.map(panel => panel.label ?? '·').join(' ')
            terminal.print(
              `  page ${figure.page}  ${figure.label}: ${figure.images.length} pictures${panels ? `, panels ${panels}` : ''}. ${figure.caption.slice(0, 80)}`,
            )
          }
          for (const { page, reason } of skipped) terminal.print(`  skipped: page ${page}: ${reason}`)
        }
      return terminal.problems.length === 0
    })
  },
})

/** Files begun before the first unfinished one, for each worker. */
const AHEAD = 8

/** Reads PDFs in their order: several by a pool of workers, one alone in this process unless it was given limits. */
async function* figuresOfFiles(
  files: string[],
  out: string | undefined,
  given: Partial<PoolLimits>,
  signal: AbortSignal,
) {
  const { task } = await import('../extractor/figures/figures-task.ts')
  const { inOrder } = await import('../data/pool/in-order.ts')
  const input = (path: string) => ({ path, ...(out ? { out } : {}) })
  if (files.length === 1 && Object.keys(given).length === 0) {
    yield* inOrder(files, 1, path => task.run(input(path), { signal }))
    return
  }
  const { poolLimits } = await import('../data/pool/limits.ts')
  const { openPool } = await import('../data/pool/pool.ts')
  const limits = poolLimits(given)
  const pool = openPool(task, { ...limits, signal })
  try {
    yield* inOrder(files, AHEAD * limits.workers, path => pool.run(input(path), basename(path)))
  } finally {
    pool.close()
  }
}

function unreadable(path: string, error: unknown): LesionloopError {
  return new LesionloopError(
    codeOf(error),
    `pdf: ${basename(path)}: ${codeOf(error) === 'ENOENT' ? 'no such file; check its path' : messageOf(error)}`,
    {},
    { cause: error },
  )
}
