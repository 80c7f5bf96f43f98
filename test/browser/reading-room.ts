import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { phantomSlice } from '../../data/demo/phantom/slice.ts'
import {
  readCorpusTruth,
  type TruthDocument,
  type TruthFigure,
  type TruthPanel,
} from '../../data/demo/truth.ts'
import type { MinedCase } from '../../data/records/case.ts'
import type { CycleMetrics, CycleRecord, Prediction, QueueEntry } from '../../data/records/cycle.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { Mention } from '../../data/records/mining.ts'
import { LESIONS, type Lesion, perLesion } from '../../data/records/vocabulary.ts'
import { seededRandom } from '../../data/statistics/random.ts'
import { openStore } from '../../data/stores/open.ts'
import { writeDocument } from '../../data/workspace/documents.ts'
import { encodePng, storeImage } from '../../data/workspace/images.ts'
import { openWorkspace, type Workspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'

/**
 * Fills a workspace with the demo corpus as its truth file has it (captions, mentions, panels) and phantoms of the
 * lesions shown, without mining or training: the page's tests need cases at once, and the same ones each time.
 */
export async function fillReadingRoom(
  dir: string,
  options: { cycle?: boolean; documents?: number; width?: number } = {},
): Promise<{ workspace: Workspace; cases: MinedCase[] }> {
  const workspace = await openWorkspace(dir, { create: true })
  const truth = readCorpusTruth()
  const store = await openStore(workspace, { write: ['cases'] })
  const all: { mined: MinedCase; shown: TruthPanel['shown'] }[] = []
  for (const document of truth.documents.slice(0, options.documents ?? truth.documents.length)) {
    const record = await writeDocument(
      workspace,
      documentRecord(document),
      packagePath('data', 'demo', 'corpus', document.file),
    )
    const cases: MinedCase[] = []
    for (const figure of document.figures.filter(each => each.kind === 'ct'))
      for (const [order, panel] of figure.panels.entries()) {
        const mined = await minedCase(workspace, record, document, figure, panel, order, options.width ?? 300)
        if (all.some(each => each.mined.id === mined.id)) continue
        cases.push(mined)
        all.push({ mined, shown: panel.shown })
      }
    await store.cases.put(record.id, cases)
  }
  await store.close()
  if (options.cycle ?? true) await writeCycle(workspace, all)
  return { workspace, cases: all.map(each => each.mined) }
}

function documentRecord(document: TruthDocument): DocumentRecord {
  return {
    id: `${document.doi}v${document.version}`,
    format: 'pdf',
    file: { name: document.file, sha256: document.sha256, bytes: 1 },
    doi: document.doi,
    version: document.version,
    title: document.title,
    abstract: document.abstract,
    pages: document.pages,
    figures: document.figures.map(figure => ({
      page: figure.page,
      captionPage: figure.captionPage,
      label: figure.label,
      caption: figure.caption,
      captionRegion: figure.captionRegion,
      region: figure.region,
      images: [],
      panels: [],
    })),
    skipped: [],
    miner: { version: 'test' },
    minedAt: '2026-11-20T09:00:00.000Z',
  }
}

async function minedCase(
  workspace: Workspace,
  record: DocumentRecord,
  document: TruthDocument,
  figure: TruthFigure,
  panel: TruthPanel,
  order: number,
  width: number,
): Promise<MinedCase> {
  const seed = `${document.file}/${figure.label}/${order}`
  const slice = phantomSlice(seed, {
    covid: panel.shown.flag === 'positive',
    lesions: panel.shown.lesions,
    width,
    patient: `${document.file}/${panel.patient}`,
  })
  const image = await storeImage(workspace, await encodePng(greyToRgb(slice)))
  const mentions = figure.mentions.map((mention): Mention => withClause(mention, figure))
  return {
    id: `${record.id}#${figure.label}#${panel.label ?? `~${order + 1}`}`,
    document: record.id,
    figure: figure.label,
    panel: panel.label,
    order,
    page: panel.page,
    image: image.id,
    imageFile: image.file,
    width: image.width,
    height: image.height,
    kind: { kind: 'ct', score: 0.98 },
    caption: figure.caption,
    mentions,
    skipped: figure.skipped.map(({ lesion, start, end, reason }) => ({ lesion, start, end, reason })),
    mined: {
      flag: panel.said.flag,
      evidence: [],
      findings: perLesion(lesion => panel.said.findings[lesion] ?? 'none'),
    },
    patient: `${record.id}/${panel.patient}`,
    source: { name: 'demo', file: document.file, format: 'pdf' },
    minedBy: 'test',
  }
}

/** The clause of a mention: its sentence part between the nearest stops; the cue of a negation, where one is near. */
function withClause(mention: TruthFigure['mentions'][number], figure: TruthFigure): Mention {
  const before = figure.caption.slice(0, mention.start)
  const after = figure.caption.slice(mention.end)
  const start = Math.max(...['. ', '; ', ': ', ') '].map(stop => before.lastIndexOf(stop) + stop.length), 0)
  const stop = after.search(/[.;]/)
  const cue = /\b(no|without|absence of|absorbed|resolved|possible|probable)\b/i.exec(before.slice(start))
  return {
    ...mention,
    rule: `term-${mention.lesion.toLowerCase()}`,
    ...(mention.panels.length > 0
      ? { clause: { start, end: stop < 0 ? figure.caption.length : mention.end + stop } }
      : {}),
    ...(cue && mention.assertion !== 'present'
      ? {
          cues: [
            {
              start: start + cue.index,
              end: start + cue.index + cue[0].length,
              text: cue[0],
              rule: `cue-${mention.assertion}`,
            },
          ],
        }
      : {}),
  }
}

function greyToRgb({ width, height, pixels }: { width: number; height: number; pixels: Uint8Array }) {
  const data = new Uint8Array(pixels.length * 3)
  for (const [at, grey] of pixels.entries()) data.fill(grey, at * 3, at * 3 + 3)
  return { data, width, height }
}

/** A sealed cycle with opinions made from what the phantoms show and seeded noise: right mostly, not always. */
async function writeCycle(
  workspace: Workspace,
  all: readonly { mined: MinedCase; shown: TruthPanel['shown'] }[],
): Promise<void> {
  const random = seededRandom(7)
  const score = (yes: boolean) => {
    const value = 1 / (1 + Math.exp(-((yes ? 1.4 : -1.4) + 1.3 * random.normal())))
    return Math.round(value * 1e4) / 1e4
  }
  const predictions = all.map(
    ({ mined, shown }): Prediction => ({
      case: mined.id,
      image: mined.image,
      side: 'pool',
      fold: 0,
      flag: score(shown.flag === 'positive'),
      lesions: perLesion(lesion => score(shown.lesions.includes(lesion))),
    }),
  )
  const entries = predictions
    .map(row => {
      const [head, value] = [
        ['flag', row.flag] as const,
        ...LESIONS.map(lesion => [lesion as Lesion, row.lesions[lesion]] as const),
      ].sort((a, b) => Math.abs(a[1] - 0.5) - Math.abs(b[1] - 0.5))[0] as readonly ['flag' | Lesion, number]
      const entropy = -(value * Math.log2(value) + (1 - value) * Math.log2(1 - value))
      return { case: row.case, score: entropy, head, value }
    })
    .sort((a, b) => b.score - a.score)
    .map(
      ({ value, ...entry }, rank): QueueEntry => ({
        ...entry,
        rank: rank + 1,
        strategy: 'entropy',
        why: `the model is unsure of ${entry.head === 'flag' ? 'COVID' : entry.head} (${value.toFixed(2)})`,
      }),
    )
  const measure = (value: number) => ({ value, low: value - 0.06, high: value + 0.05, n: 40, positives: 22 })
  const flag = { auc: measure(0.86), ap: measure(0.88), accuracy: measure(0.79), sensitivity: measure(0.8) }
  const metrics: CycleMetrics = {
    flag: { test: flag, val: flag },
    lesions: { test: perLesion(() => ({ auc: measure(0.8), ap: measure(0.6) })) },
    curves: {
      roc: [
        {
          name: 'flag',
          points: [
            [0, 0],
            [0.1, 0.55],
            [0.3, 0.82],
            [1, 1],
          ],
        },
      ],
      precisionRecall: [
        {
          name: 'flag',
          points: [
            [0, 1],
            [0.5, 0.92],
            [0.8, 0.84],
            [1, 0.55],
          ],
        },
      ],
      loss: [
        { name: 'train', points: Array.from({ length: 20 }, (_, i) => [i + 1, 0.7 * 0.9 ** i]) },
        { name: 'validation', points: Array.from({ length: 20 }, (_, i) => [i + 1, 0.3 + 0.4 * 0.88 ** i]) },
      ],
    },
    threshold: 0.5,
    warnings: [],
  }
  const files: Record<string, string> = {
    'predictions.jsonl': predictions.map(row => `${JSON.stringify(row)}\n`).join(''),
    'queue.jsonl': entries.map(row => `${JSON.stringify(row)}\n`).join(''),
    'metrics.json': JSON.stringify(metrics),
  }
  const folder = workspace.paths.cycle('0001')
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const record: CycleRecord = {
    id: '0001',
    startedAt: '2026-11-20T10:00:00.000Z',
    sealedAt: '2026-11-20T10:02:00.000Z',
    by: 'test',
    code: 'test',
    backend: { name: 'cpu', reason: 'test' },
    backbone: { name: 'starter', weights: 'starter', weightsSha256: '' },
    seed: 7,
    config: {},
    learnedFrom: {
      labels: '',
      cases: { train: 40, val: 10, test: 16, pool: all.length },
      sources: { mined: 200 },
      journalSeq: 0,
    },
    files: Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]),
    ),
  }
  await writeFile(join(folder, 'cycle.json'), JSON.stringify(record))
}
