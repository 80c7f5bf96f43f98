import { LESION_CODES } from '../formats/lesion-codes.ts'
import { HEADS, LESION_NAMES, LESIONS, SIDES, TRUTH_SOURCES } from '../records/vocabulary.ts'
import type { Counts } from './facts.ts'
import { knownFaults } from './faults.ts'
import type { Exported } from './sidecars.ts'

/** The dataset card: what is in it, how it was labelled, whose it is, and what is wrong with it. Markdown. */
export function card({ name, format, alone, facts, choice, leftOut, publication, check }: Exported): string {
  const sides = [...SIDES, 'none'].filter(side => facts.sides.has(side))
  const lines = [
    `# ${publication.title ?? name}`,
    '',
    ...published(publication),
    `${facts.cases} chest-CT cases of ${facts.documents.size} documents and ${facts.patients.size} patient groups, with a COVID-19 flag and five lesions, as ${format}. Research use only; not for diagnosis.`,
    '',
    '## Counts',
    '',
    table(
      ['finding', 'yes', 'no', 'masked', ...TRUTH_SOURCES],
      HEADS.map(head => {
        const { yes, no, masked, sources } = facts.heads[head]
        return [
          head === 'flag' ? 'COVID-19 flag' : `${head} (${LESION_NAMES[head]})`,
          yes,
          no,
          masked,
          ...TRUTH_SOURCES.map(source => sources[source] ?? 0),
        ]
      }),
    ),
    '',
    'Masked: not assessed, uncertain, or readers disagree and nobody settled it. The columns after it say where yes and no come from.',
    '',
    '## Splits',
    '',
    table(
      ['side', 'cases', ...HEADS],
      sides.map(side => {
        const { cases, yes } = facts.sides.get(side)!
        return [side, cases, ...HEADS.map(head => yes[head] ?? 0)]
      }),
    ),
    '',
    'Positive cases by side. Sides are drawn by patient, document and linked doubles together, unless an imported dataset brought its own.',
    '',
    '## Agreement',
    '',
    facts.readTwice === 0
      ? 'n/a: no case was read by two readers.'
      : `${facts.readTwice} cases were read by two readers or more; they said the same in ${(facts.agreementSum / facts.readTwice).toFixed(3)} of the heads that both assessed (mean over cases, not corrected for chance; kappa stands on the page Dataset).`,
    '',
    '## Known faults',
    '',
    ...knownFaults(facts, check).map(fault => `- ${fault}`),
    ...(check ? [] : ['- Shortcuts, doubles and personal data were not looked for: the check was not run.']),
    '',
    '## How it was labelled',
    '',
    'Flags and lesions were mined from captions and texts by rules (each row names rule and span), imported with a published dataset, or said by readers. What counts is, in this order: adjudicated, agreed by readers, one reader, published, mined.',
    '',
    `- Readers: ${facts.annotators.size}.`,
    ...list('Miner', facts.miners),
    ...(facts.cycles.size > 0 ? [`- Scores are of cycle ${[...facts.cycles].sort().join(', ')}.`] : []),
    `- Boxes drawn by readers: ${facts.boxes}.`,
    '',
    '## Licences of the sources, as recorded',
    '',
    ...list('', facts.licences),
    '',
    'A figure stays under the licence of the paper it comes from; the labels add no right to it.',
    '',
    '## Sources',
    '',
    ...list('', facts.sources),
    '',
    '## Codes',
    '',
    ...LESIONS.map(lesion => {
      const code = LESION_CODES[lesion]
      return `- ${lesion}, ${LESION_NAMES[lesion]}: ${code ? `${code.scheme} ${code.code} (${code.meaning}); ${code.source}` : ''}`.trimEnd()
    }),
    '',
    'Blank where no source was read that gives one.',
    '',
    '## What was chosen',
    '',
    ...chosen(choice),
    ...list('Left out', leftOut as Counts),
    '',
    alone
      ? 'Pictures are named by their place in the workspace and are not part of this file.'
      : 'Every file has its SHA-256 in SHA256SUMS: `sha256sum -c SHA256SUMS`.',
    '',
  ]
  return lines.join('\n')
}

function chosen(choice: Exported['choice']): string[] {
  const said = [
    choice.onlyExpert ? "only cases with an expert's label" : '',
    choice.sides ? `sides ${choice.sides.join(', ')}` : '',
    choice.minAgreement === undefined ? '' : `agreement of at least ${choice.minAgreement}`,
    choice.licences ? `licences ${choice.licences.join(', ')}` : '',
    choice.withGiven ? 'pictures that people gave for use in the workspace too' : '',
    choice.withRetracted ? 'withdrawn and retracted documents too' : 'no withdrawn or retracted documents',
  ]
  return [`- Chosen: ${said.filter(Boolean).join('; ')}.`]
}

function published({ creator, version, url, licence }: Exported['publication']): string[] {
  const said = [
    creator && `By ${creator}.`,
    version && `Version ${version}.`,
    url && `At ${url}.`,
    licence && `Labels and collection under ${licence}; each figure under the licence of its paper.`,
  ].filter(Boolean)
  return said.length > 0 ? [said.join(' '), ''] : []
}

const list = (what: string, counts: Counts) =>
  Object.entries(counts)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, count]) => `- ${what ? `${what}: ` : ''}${key.replace(/\s+/g, ' ')}: ${count}`)

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}
