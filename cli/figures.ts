import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { defineCommand } from 'citty'
import { codeOf, LesionloopError, messageOf } from '../data/errors.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'figures',
    description: 'The figures of PDFs: captions, pictures, panels, with where they stand',
  },
  args: {
    json: { type: 'boolean', description: 'print JSON (one list, a document an entry)' },
    out: { type: 'string', description: 'write the pictures into this folder' },
    pdf: { type: 'positional', description: 'PDF files', required: true },
  },
  run: ({ args }) => {
    const terminal = openTerminal()
    return runVerb(terminal, async () => {
      const { withPdf } = await import('../extractor/pdf/document.ts')
      const { readFigures } = await import('../extractor/figures/read-figures.ts')
      const { printedFigures } = await import('../extractor/figures/print.ts')
      const { encodePng, imageId } = await import('../data/workspace/images.ts')
      const files = args._.map(String)
      const { out } = args
      if (out) await mkdir(out, { recursive: true })
      const printed: ReturnType<typeof printedFigures>[] = []
      for (const [i, path] of files.entries()) {
        if (terminal.signal.aborted) throw terminal.signal.reason
        terminal.progress({ step: 'figures', done: i, total: files.length, detail: basename(path) })
        try {
          const bytes = await readFile(path)
          const stem = basename(path, extname(path))
          const mined = await withPdf(bytes, basename(path), document =>
            readFigures(
              document,
              async (pixels, name) => {
                const id = imageId(pixels)
                const file = out ? join(out, `${stem} ${name}.png`.replace(/[^\w.-]+/g, '-')) : `${id}.png`
                if (out) await writeFile(file, await encodePng(pixels))
                return { id, file }
              },
              { signal: terminal.signal },
            ),
          )
          printed.push(printedFigures(path, mined))
        } catch (error) {
          if (terminal.signal.aborted) throw error
          const known = error instanceof LesionloopError ? error : unreadable(path, error)
          terminal.progress({
            step: 'figures',
            done: i,
            total: files.length,
            problem: { item: path, code: known.code, message: known.message },
          })
          printed.push({ pdf: path, pages: 0, figures: [], skipped: [{ page: 0, reason: known.message }] })
        }
      }
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

function unreadable(path: string, error: unknown): LesionloopError {
  return new LesionloopError(
    codeOf(error),
    `pdf: ${basename(path)}: ${codeOf(error) === 'ENOENT' ? 'no such file; check its path' : messageOf(error)}`,
    {},
    { cause: error },
  )
}
