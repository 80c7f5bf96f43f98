/**
 * Both tables of the extractor: text and PDF, each figure beside the best peer's as published and the one asked for, errors by
 * class, and speeds as ratios to raw wink-nlp and raw pdf.js in the same run.
 *
 *   npm run bench:extractor -- [--errors] [--markdown] [--text | --pdf]
 *
 * --errors lists every error and not the first three of a class; --markdown puts the tables into docs/extractor.md and
 * docs/extractor-pdf.md between their markers.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const asked = new Set(process.argv.slice(2))
const known = ['--errors', '--markdown', '--text', '--pdf']
const strange = [...asked].find(option => !known.includes(option))
if (strange) {
  console.error(`bench: ${strange}: expected one of ${known.join(', ')}`)
  process.exit(2)
}
const dist = join(root, process.env.DIST ?? 'dist')
if (!existsSync(join(dist, 'cli.js'))) {
  console.error(`bench: ${dist}: not built; run npm run build first`)
  process.exit(1)
}

const COLUMNS = ['set', 'best peer, as published', 'asked', 'lesionloop']
const READERS = [
  'who against whom',
  'exact F1',
  'overlap F1',
  'with assertion F1',
  'panels F1',
  'flag accuracy',
  'kappa, findings (95 %)',
  'kappa, flag (95 %)',
]
const table = (columns, rows) =>
  [columns, columns.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

/** Errors counted by class, the most frequent first, with the first few (or all) of each. */
function errorTable(sets) {
  const rows = []
  for (const { set, errors } of sets) {
    const classes = Map.groupBy ? Map.groupBy(errors, each => each.class) : grouped(errors)
    const byCount = [...classes].sort(([, a], [, b]) => b.length - a.length)
    if (byCount.length === 0) rows.push([set, '–', 0, ''])
    for (const [name, list] of byCount) {
      const shown = asked.has('--errors') ? list : list.slice(0, 3)
      const said = shown.map(({ where, what }) =>
        `${where}: ${what}`.replace(/\s+/g, ' ').replaceAll('|', '\\|'),
      )
      rows.push([set, name, list.length, said.join('; ') + (shown.length < list.length ? '; …' : '')])
    }
  }
  return table(['set', 'class', 'errors', 'which'], rows)
}
function grouped(errors) {
  const classes = new Map()
  for (const each of errors) classes.set(each.class, [...(classes.get(each.class) ?? []), each])
  return classes
}

/** Replaces what stands between the markers of a block in a file of docs/. */
function intoDocs(file, name, markdown) {
  const path = join(root, 'docs', file)
  const text = readFileSync(path, 'utf8')
  const [from, to] = [`<!-- bench ${name} -->`, `<!-- end of bench ${name} -->`]
  const [start, end] = [text.indexOf(from), text.indexOf(to)]
  if (start < 0 || end < start) {
    console.error(`bench: docs/${file}: no block between "${from}" and "${to}"; put both in`)
    process.exitCode = 1
    return
  }
  writeFileSync(path, `${text.slice(0, start + from.length)}\n${markdown}\n${text.slice(end)}`)
}

function give(file, blocks, missing) {
  for (const [name, title, markdown] of blocks) {
    console.log(`\n## ${title}\n\n${markdown}`)
    // Tables without the development sets never replace full ones.
    if (asked.has('--markdown') && !missing) intoDocs(file, name, markdown)
  }
}

const both = !asked.has('--text') && !asked.has('--pdf')
if (both || asked.has('--text')) {
  const { textTables } = await import('./extractor-text.mjs')
  const { rows, own, agreement, errors, missing } = await textTables()
  if (missing) console.log(`${missing}: not there; the development sets of texts are left out`)
  give(
    'extractor.md',
    [
      ['text', 'Text, development sets', table(COLUMNS, rows)],
      ['readers', 'Own texts: readers and miner', table(READERS, agreement)],
      ['own', 'Own texts, tuned on: beside what peers reach on such texts', table(COLUMNS, own)],
      ['text errors', 'Text, errors by class of language', errorTable(errors)],
    ],
    missing,
  )
}
if (both || asked.has('--pdf')) {
  const { pdfTables } = await import('./extractor-pdf-tables.mjs')
  const { rows, errors, missing } = await pdfTables()
  if (missing) console.log(`${missing}: not there; the gold PDFs are left out`)
  give(
    'extractor-pdf.md',
    [
      ['pdf', 'PDF', table(COLUMNS, rows)],
      ['pdf errors', 'PDF, errors by class of layout', errorTable(errors)],
    ],
    missing,
  )
}
