import type { Mention, PanelFindings } from '../../data/records/mining.ts'
import { findingOf, LESIONS, type MinedFlag } from '../../data/records/vocabulary.ts'
import { flagOf } from './flag.ts'
import type { FlagSign } from './flag-signs.ts'

/** What is said of each panel, what is said of all included. */
export function panelFindings(
  mentions: readonly Mention[],
  signs: readonly FlagSign[],
  labels: readonly string[],
  whole: MinedFlag,
): Record<string, PanelFindings> {
  const panels: Record<string, PanelFindings> = {}
  const names = [...new Set([...labels, ...mentions.flatMap(mention => mention.panels)])]
  if (names.length === 0) return panels
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const shared = mentions.filter(mention => mention.panels.length === 0)
  const byPanel = new Map<string, Mention[]>()
  for (const mention of mentions)
    for (const panel of mention.panels) {
      const list = byPanel.get(panel)
      if (list) list.push(mention)
      else byPanel.set(panel, [mention])
    }
  const own = signs.filter(sign => sign.panels.length > 0)
  const general = signs.filter(sign => sign.panels.length === 0)
  for (const name of names) {
    const about = [...(byPanel.get(name) ?? []), ...shared]
    const findings: PanelFindings = {}
    const ofPanel = own.filter(sign => sign.panels.includes(name))
    const flag =
      ofPanel.length > 0
        ? flagOf(
            [
              ...ofPanel.map(sign => ({ ...sign, inPanel: true })),
              ...general.map(sign => ({ ...sign, inPanel: false })),
            ],
            true,
          ).flag
        : general.length > 0
          ? flagOf(general, false).flag
          : own.length === 0
            ? whole
            : 'unstated'
    if (flag !== 'unstated') findings.flag = flag
    for (const lesion of LESIONS) {
      const finding = findingOf(
        about.filter(mention => mention.lesion === lesion).map(mention => mention.assertion),
      )
      if (finding !== 'none') findings[lesion] = finding
    }
    panels[name] = findings
  }
  return panels
}
