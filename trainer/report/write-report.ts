import { existsSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { LesionloopError } from '../../data/errors.ts'
import type { ThemeName } from '../../data/plots/palette.ts'
import type { CycleMetrics, QueueEntry } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { StopSignal } from '../../data/records/stop-signal.ts'
import {
  type FileOperations,
  readJson,
  readJsonIfThere,
  writeFileAtomically,
} from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { readJsonLines } from '../cycle/json-lines.ts'
import { sealedCycle, speakingCycle } from '../cycle/newest.ts'
import { drawPlots, reportHtml } from './report.ts'
import type { ReportData } from './report-data.ts'
import type { ReportView } from './view.ts'

/**
 * The report of a sealed cycle, read from its folder alone; without an id that of the promoted, else the newest.
 * @throws LesionloopError `no-cycle`, `cycle-unknown`, `report-missing` (of a cycle made before reports could be read again).
 */
export async function readReport(workspace: Workspace, wanted?: string): Promise<ReportView> {
  const { paths } = workspace
  const record = wanted === undefined ? await speakingCycle(workspace) : await sealedCycle(workspace, wanted)
  const folder = paths.cycle(record.id)
  if (!existsSync(join(folder, 'report.json')))
    throw new LesionloopError(
      'report-missing',
      `cycle: ${record.id}: report.json is missing: it was made by an earlier version; its report.html stands, or run \`lesionloop cycle\` for a new one`,
    )
  const stopSignals = await readJsonIfThere<StopSignal[]>(join(folder, 'stop-signals.json'))
  return {
    record,
    metrics: await readJson<CycleMetrics>(join(folder, 'metrics.json')),
    queue: await readJsonLines<QueueEntry>(join(folder, 'queue.jsonl')),
    ...(stopSignals ? { stopSignals } : {}),
    data: await readJson<ReportData>(join(folder, 'report.json')),
  }
}

/** The report as data for programs: every figure and curve, and the cases shown by their names; no pixels. */
export function reportJson({ record, metrics, stopSignals, data }: ReportView): Record<string, unknown> {
  const { pictures: _, maps, format, ...rest } = data
  return {
    format,
    cycle: record,
    metrics,
    ...(stopSignals ? { stopSignals } : {}),
    ...rest,
    maps: { absent: maps.absent, cases: maps.cases.map(({ maps: __, ...one }) => one) },
  }
}

/** Dots an inch: a plot of 420 pixels becomes a picture of 1,120. */
const DENSITY = 192

/**
 * Writes the report into a folder: report.html, report.json, and each plot as plots/NAME.svg and plots/NAME.png.
 * @returns the files written, relative to the folder.
 */
export async function writeReport(
  files: FileOperations,
  view: ReportView,
  out: string,
  { theme = 'light', signal, onProgress }: RunOptions & { theme?: ThemeName } = {},
): Promise<string[]> {
  await files.makeFolder(join(out, 'plots'))
  const written: string[] = []
  const put = async (name: string, content: string | Uint8Array) => {
    await writeFileAtomically(files, join(out, name), content)
    written.push(name)
  }
  await put('report.html', await reportHtml(view))
  await put('report.json', `${JSON.stringify(reportJson(view), null, 2)}\n`)
  const plots = drawPlots(view, theme)
  const words = await drawsWords()
  if (!words)
    onProgress?.({
      step: 'drawing plots',
      done: 0,
      total: plots.size,
      problem: {
        item: 'plots/*.png',
        code: 'fonts-missing',
        message:
          'plots: PNG: this machine has no font, so the pictures would carry no words: SVG only was written; install one (fonts-dejavu-core)',
      },
    })
  for (const [name, svg] of plots) {
    signal?.throwIfAborted()
    await put(`plots/${name}.svg`, svg)
    if (words) await put(`plots/${name}.png`, await plotPng(svg))
    onProgress?.({ step: 'drawing plots', done: written.length, total: null, detail: name })
  }
  return written
}

/** A plot's SVG as PNG. */
export const plotPng = (svg: string): Promise<Uint8Array> =>
  sharp(Buffer.from(svg), { density: DENSITY }).png().toBuffer()

/** Whether a word drawn as SVG leaves ink: without any font installed it silently does not. */
export async function drawsWords(): Promise<boolean> {
  const probe =
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30"><text x="4" y="22" font-size="20" font-family="sans-serif">AUC</text></svg>'
  const { data, info } = await sharp(Buffer.from(probe)).raw().toBuffer({ resolveWithObject: true })
  for (let at = info.channels - 1; at < data.length; at += info.channels) if (data[at]! > 127) return true
  return false
}
