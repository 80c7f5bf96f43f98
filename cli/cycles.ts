import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'
import { shownMeasure } from './training-summary.ts'

export default defineCommand({
  meta: {
    name: 'cycles',
    description:
      'List the sealed cycles: what each learned from, its figures, which one is promoted, and whether its files are as they were sealed',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { readPromotion } = await import('../data/stores/speaking.ts')
      const { listCycles } = await import('../trainer/cycle/list-cycles.ts')
      const { stopSignals } = await import('../trainer/cycle/stop-signals.ts')
      const workspace = await openWorkspace(args.workspace)
      const cycles = await listCycles(workspace)
      const promotion = await readPromotion(workspace)
      const signals = cycles.length > 0 ? await stopSignals(workspace) : []
      if (!terminal.json) {
        if (cycles.length === 0) terminal.print('no cycle yet; run `lesionloop cycle`')
        for (const { id, promoted, faults, record, auc } of cycles) {
          const when = record
            ? `${record.sealedAt.slice(0, 16).replace('T', ' ')} by ${record.by}`
            : 'unreadable'
          const from = record
            ? `${record.learnedFrom.cases.train} cases, ${record.backbone.name}, seed ${record.seed}`
            : ''
          const figure = auc
            ? `flag AUC ${auc.side === 'test' ? 'test' : 'out of fold'} ${shownMeasure(auc)}`
            : 'flag AUC n/a'
          terminal.print(`${promoted ? '*' : ' '} ${id}  ${when}  ${from}  ${figure}`)
          for (const fault of faults)
            terminal.print(
              `         not as it was sealed: ${fault}; put it back from a copy, or run another cycle`,
            )
        }
        if (promotion) {
          terminal.print(
            `* speaks for the model since ${promotion.since.slice(0, 16).replace('T', ' ')}: ${promotion.why}${promotion.forced ? ' (forced)' : ''}`,
          )
          if (!cycles.some(one => one.promoted))
            terminal.print(
              `the promoted cycle ${promotion.cycle} is gone: put its folder back, or let another speak with \`lesionloop rollback\` or \`lesionloop promote\``,
            )
        } else if (cycles.length > 0)
          terminal.print('none is promoted: the newest speaks for the model; see `lesionloop promote`')
        for (const { sentence } of signals) terminal.print(`stop signal: ${sentence}`)
      }
      terminal.result({ cycles, promotion, stopSignals: signals })
      return cycles.every(one => one.faults.length === 0)
    })
  },
})
