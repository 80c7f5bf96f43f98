import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../data/errors.ts'
import type { CycleMetrics, CycleRecord } from '../../data/records/cycle.ts'
import { unsoundFiles } from '../../data/stores/soundness.ts'
import { type Speaking, sealedCycles, speakingFor } from '../../data/stores/speaking.ts'
import { readJsonIfThere } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { Predictions } from './predictions.ts'
import type { Opinion } from './replies.ts'
import { warnOnce } from './warnings.ts'

const KEPT = 2

/**
 * Reads the sealed cycles. A cycle folder never changes once cycle.json is in it, so what was read of one is kept.
 */
export class Cycles {
  private readonly workspace: Workspace
  private readonly records = new Map<string, CycleRecord>()
  private readonly sound = new Map<string, { stamp: string; faults: string[] }>()
  private readonly predictions = new Map<string, Promise<Predictions | null>>()
  private known: { at: number; ids: string[]; speaking: Speaking | null } = { at: 0, ids: [], speaking: null }

  constructor(workspace: Workspace) {
    this.workspace = workspace
  }

  /** Ids of the sealed cycles, oldest first. */
  async ids(): Promise<string[]> {
    return (await this.look()).ids
  }

  async record(id: string): Promise<CycleRecord | null> {
    if (!(await this.ids()).includes(id)) return null
    const known = this.records.get(id)
    if (known) return known
    const record = await this.readFile<CycleRecord>(id, 'cycle.json')
    if (record) this.records.set(id, record)
    return record
  }

  async metrics(id: string): Promise<CycleMetrics | null> {
    return await this.readFile<CycleMetrics>(id, 'metrics.json')
  }

  /** What was changed in a cycle's folder since it was sealed. Its files are hashed again where their time or size is another. */
  async faults(record: CycleRecord): Promise<string[]> {
    const folder = this.workspace.paths.cycle(record.id)
    const stamps = Object.keys(record.files).map(name =>
      stat(join(folder, name)).then(
        ({ mtimeMs, size }) => `${name} ${mtimeMs} ${size}`,
        () => name,
      ),
    )
    const stamp = (await Promise.all(stamps)).join('\n')
    const known = this.sound.get(record.id)
    if (known?.stamp === stamp) return known.faults
    const faults = await unsoundFiles(this.workspace, record)
    this.sound.set(record.id, { stamp, faults })
    return faults
  }

  /** The folder is looked at anew when it is next asked for: the pointer was moved. */
  forget(): void {
    this.known = { ...this.known, at: 0 }
  }

  /** A damaged file of one cycle is told of, and stops nothing else. */
  private async readFile<T>(id: string, name: string): Promise<T | null> {
    try {
      return (await readJsonIfThere<T>(join(this.workspace.paths.cycle(id), name))) ?? null
    } catch (error) {
      warnOnce(`cycle ${id}: ${messageOf(error)}`)
      return null
    }
  }

  /** The cycle that speaks for the model; null where there is none, or the promoted one can't be read. */
  async speaking(): Promise<Speaking | null> {
    return (await this.look()).speaking
  }

  /** What the model says of a case; null where there is no cycle or it has not seen the case. */
  async opinion(caseId: string): Promise<Opinion | null> {
    return (await this.opinions()).of(caseId)
  }

  /** Opinions for many cases at once. */
  async opinions(): Promise<{
    of(caseId: string): Opinion | null
    /** Number of a case among those that the model has seen. */
    place(caseId: string): number | undefined
    /** How many it has seen. */
    readonly size: number
  }> {
    const speaking = await this.speaking()
    const predictions = speaking && (await this.load(speaking.id))
    return {
      of: caseId => (speaking && predictions?.of(caseId, speaking.promoted)) ?? null,
      place: caseId => predictions?.place(caseId),
      size: predictions?.size ?? 0,
    }
  }

  /** Opinions of one cycle, whichever speaks. */
  async opinionsBy(id: string): Promise<{ of(caseId: string): Opinion | null }> {
    const speaking = await this.speaking()
    const promoted = speaking?.id === id && speaking.promoted
    const predictions = await this.load(id)
    return { of: caseId => predictions?.of(caseId, promoted) ?? null }
  }

  /** Looks at the folder at most every half second. */
  private async look(): Promise<{ ids: string[]; speaking: Speaking | null }> {
    if (Date.now() - this.known.at < 500) return this.known
    // Where the promoted cycle can't be read nobody speaks: another's opinion in its name would mislead.
    const speaking = await speakingFor(this.workspace).catch((error: unknown) => {
      warnOnce(messageOf(error))
      return null
    })
    this.known = { at: Date.now(), ids: sealedCycles(this.workspace), speaking }
    return this.known
  }

  /** The predictions of the cycle that speaks and of the newest are kept, which may be two. */
  private load(id: string): Promise<Predictions | null> {
    const known = this.predictions.get(id)
    if (known) return known
    const reading = this.readOrWarn(id)
    this.predictions.set(id, reading)
    if (this.predictions.size > KEPT) this.predictions.delete(this.predictions.keys().next().value!)
    return reading
  }

  /** Without its predictions a cycle has no opinion; reviewing goes on. */
  private async readOrWarn(id: string): Promise<Predictions | null> {
    const path = join(this.workspace.paths.cycle(id), 'predictions.jsonl')
    if (!(await isFile(path))) return null
    const metrics = await this.metrics(id)
    try {
      return await new Predictions(id, metrics).read(path)
    } catch (error) {
      warnOnce(`cycle ${id}: predictions.jsonl: damaged (${messageOf(error)}); run another cycle`)
      return new Predictions(id, metrics)
    }
  }
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    found => found.isFile(),
    () => false,
  )
}
