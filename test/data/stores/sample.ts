import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ActDraft, ActPayload } from '../../../data/records/act.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import type { Mention } from '../../../data/records/mining.ts'
import { findingsFor } from '../../../data/records/panel-findings.ts'
import {
  type Finding,
  type FlagLabel,
  type Lesion,
  type LesionLabel,
  perLesion,
} from '../../../data/records/vocabulary.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { type OpenOptions, openWorkspace, type Workspace } from '../../../data/workspace/open.ts'

/** A folder of its own, removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-test-'))
  onTestFinished(() => nodeFiles.remove(dir))
  return dir
}

/** A new workspace in a folder of its own. */
export async function newWorkspace(options: OpenOptions = {}): Promise<Workspace> {
  return openWorkspace(await temporaryFolder(), { create: true, ...options })
}

export const CAPTION =
  'Chest CT of a patient with COVID-19. (A) Ground-glass opacity in the right lung. (B) Consolidation; no crazy paving.'

/** A mention of words of the caption, at their first place. */
export function mentionOf(
  words: string,
  lesion: Lesion,
  more: Partial<Mention> = {},
  caption = CAPTION,
): Mention {
  const start = caption.indexOf(words)
  if (start < 0) throw new Error(`sample: ${words}: not in the caption`)
  return {
    lesion,
    start,
    end: start + words.length,
    text: words,
    assertion: 'present',
    panels: [],
    rule: 'sample',
    ...more,
  }
}

export const MENTIONS: Mention[] = [
  mentionOf('Ground-glass opacity', 'GGO', { panels: ['A'] }),
  mentionOf('Consolidation', 'Csld', { panels: ['B'] }),
  mentionOf('crazy paving', 'CrPa', { panels: ['B'], assertion: 'absent' }),
]

/** A case as the extractor makes it: panel A of Figure 1 of document "doc-1", unless told otherwise. */
export function sampleCase(more: Partial<MinedCase> = {}): MinedCase {
  const { document = 'doc-1', figure = 'Figure 1', panel = 'A', mentions = MENTIONS } = more
  const shown = { label: panel, wholeFigure: panel === null }
  return {
    id: document === null ? 'image-1' : `${document}#${figure}#${panel ?? '~1'}`,
    document,
    figure,
    panel,
    order: panel === null ? 0 : panel.charCodeAt(0) - 65,
    page: 1,
    image: 'a'.repeat(32),
    imageFile: `${'a'.repeat(32)}.png`,
    width: 320,
    height: 240,
    ...(panel === null ? {} : { figureImage: { id: 'b'.repeat(32), file: `${'b'.repeat(32)}.png` } }),
    kind: { kind: 'ct', score: 0.9 },
    caption: CAPTION,
    mentions,
    skipped: [],
    mined: { flag: 'positive', evidence: [], findings: findingsFor(mentions, shown) },
    patient: document ?? 'image-1',
    source: { name: 'sample', file: 'sample.pdf', format: 'pdf' },
    minedBy: 'test',
    ...more,
  }
}

/** The panels A, B, … of one figure. */
export const samplePanels = (panels = 'AB', more: Partial<MinedCase> = {}) =>
  [...panels].map(panel =>
    sampleCase({ ...more, panel, id: `${more.document ?? 'doc-1'}#${more.figure ?? 'Figure 1'}#${panel}` }),
  )

export function labelAct(
  lesions: Partial<Record<Lesion, LesionLabel>> = {},
  flag: FlagLabel = 'positive',
): Extract<ActPayload, { kind: 'label' }> {
  return { kind: 'label', flag, lesions: { ...perLesion<LesionLabel>(() => 'absent'), ...lesions } }
}

let operations = 0
/** A draft with an operation id of its own. */
export function draft(caseId: string, base: number, act: ActPayload): ActDraft {
  return { op: `operation-${++operations}`, case: caseId, base, act }
}

export const findings = (said: Partial<Record<Lesion, Finding>> = {}) => ({
  ...perLesion<Finding>(() => 'none'),
  ...said,
})
