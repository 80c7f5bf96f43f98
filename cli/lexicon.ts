import { createReadStream, existsSync } from 'node:fs'
import { basename } from 'node:path'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { CorpusText, TextChange } from '../extractor/lexicon/compare.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

const test = defineCommand({
  meta: {
    name: 'test',
    description:
      'What a changed lexicon would change over a corpus: mentions added, lost, flipped; flags; better or worse',
  },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'the change, as JSON (see extractor/lexicon/schema.ts)',
    },
    corpus: {
      type: 'string',
      description:
        "texts as JSON lines with text or caption, and gold where known; the package's own labelled texts by default",
    },
    json: { type: 'boolean', description: 'print the comparison as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { applyChange, readLexiconChange } = await import('../extractor/lexicon/change.ts')
      const { readLexicon } = await import('../extractor/lexicon/lexicon.ts')
      const { compareMiners } = await import('../extractor/lexicon/compare.ts')
      const { createMiner } = await import('../extractor/text/miner.ts')
      const changed = createMiner({ lexicon: applyChange(readLexicon(), await readLexiconChange(args.file)) })
      const corpus = await readCorpus(args.corpus, terminal)
      const comparison = compareMiners(createMiner().mine, changed.mine, corpus)
      if (terminal.json) terminal.result(comparison)
      else {
        for (const change of comparison.changes) terminal.print(lineOf(change))
        const { added, lost, flipped, flag } = comparison.counts
        terminal.print(
          `${comparison.texts} texts: ${added} mentions added, ${lost} lost, ${flipped} flipped, ${flag} flags changed; against expert labels: ${comparison.better} better, ${comparison.worse} worse`,
        )
      }
      return undefined
    })
  },
})

const regress = defineCommand({
  meta: {
    name: 'regress',
    description:
      "Mine the captions of experts' corrections again (missed-term, wrong-term, wrong-assertion, wrong-flag)",
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    change: { type: 'string', description: 'a changed lexicon to try, as for lexicon test' },
    json: { type: 'boolean', description: 'print the rows as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { regressCase } = await import('../extractor/lexicon/regress.ts')
      const { createMiner } = await import('../extractor/text/miner.ts')
      let miner = createMiner()
      if (args.change) {
        const { applyChange, readLexiconChange } = await import('../extractor/lexicon/change.ts')
        const { readLexicon } = await import('../extractor/lexicon/lexicon.ts')
        miner = createMiner({ lexicon: applyChange(readLexicon(), await readLexiconChange(args.change)) })
      }
      const workspace = await openWorkspace(args.workspace)
      const store = await openStore(workspace)
      try {
        const rows = []
        for await (const state of store.cases.all())
          rows.push(...regressCase(state, text => miner.mine(text)))
        const wrong = rows.filter(row => !row.right)
        if (terminal.json)
          terminal.result({ corrections: rows.length, right: rows.length - wrong.length, rows })
        else {
          for (const row of wrong)
            terminal.print(
              `${row.case}: ${row.head} (${row.cause}): ${row.who} says ${row.expert}, mined is ${row.mined}`,
            )
          terminal.print(
            `${rows.length} corrections: ${rows.length - wrong.length} are now mined right, ${wrong.length} are not`,
          )
        }
        return wrong.length === 0
      } finally {
        await store.close()
      }
    })
  },
})

export default defineCommand({
  meta: { name: 'lexicon', description: 'Test a changed lexicon before it is taken' },
  subCommands: { test, regress },
})

/** Texts with an expert's reading: our own, or a file's; the rows of the caption set ("caption", "gold") are read too. */
async function readCorpus(file: string | undefined, terminal: Terminal): Promise<CorpusText[]> {
  const { packagePath } = await import('../data/workspace/package-root.ts')
  const { readRows } = await import('../extractor/text/rows.ts')
  const { readFile } = await import('node:fs/promises')
  const path = file ?? packagePath('test', 'fixtures', 'texts', 'texts.jsonl')
  if (!existsSync(path))
    throw new LesionloopError(
      'corpus-missing',
      file
        ? `corpus: ${file}: does not exist; check its name`
        : 'corpus: none given, and the labelled texts of the source tree are not installed; give one with --corpus FILE',
    )
  const gold = new Map<string, CorpusText['gold']>()
  if (!path.endsWith('.csv'))
    for (const line of (await readFile(path, 'utf8')).split('\n')) {
      const row = goldOf(line)
      if (row?.gold) gold.set(row.id, row.gold)
    }
  const texts: CorpusText[] = []
  for await (const batch of readRows(createReadStream(path), basename(path), null))
    for (const each of batch)
      if ('problem' in each)
        terminal.progress({
          step: 'reading texts',
          done: texts.length,
          total: null,
          problem: { item: `line ${each.line}`, code: each.problem.code, message: each.problem.message },
        })
      else {
        const row: CorpusText = { id: each.row.id, text: each.row.text }
        if (each.row.context !== undefined) row.context = each.row.context
        const known = gold.get(row.id)
        if (known) row.gold = known
        texts.push(row)
      }
  return texts
}

/** The expert's reading of a line: `{gold: {covid, mentions}}`; a mention's end may be given by its text. */
function goldOf(line: string): { id: string; gold?: CorpusText['gold'] } | null {
  try {
    const row = JSON.parse(line)
    const mentions = row.gold?.mentions
    if (!Array.isArray(mentions)) return null
    return {
      id: String(row.id),
      gold: {
        covid: row.gold.covid,
        mentions: mentions.map(mention => ({
          ...mention,
          end: mention.end ?? mention.start + mention.text.length,
        })),
      },
    }
  } catch {
    return null
  }
}

function lineOf(change: TextChange): string {
  const what =
    change.kind === 'flag'
      ? `flag ${change.before} → ${change.after}`
      : change.kind === 'flipped'
        ? `${change.lesion} "${change.text}" ${change.before} → ${change.after}`
        : `${change.kind} ${change.lesion} "${change.text}" (${change.after ?? change.before})`
  return `${change.id}: ${what}${change.verdict && change.verdict !== 'neither' ? `  ${change.verdict}` : ''}`
}
