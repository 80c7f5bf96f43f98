import type { CycleMetrics, Prediction } from '../../data/records/cycle.ts'
import { HEADS, type Head, LESIONS, perLesion, type Side } from '../../data/records/vocabulary.ts'
import { LineFile } from '../../data/stores/line-file.ts'
import type { Opinion } from './replies.ts'

/** Threshold of a head where the cycle's metrics state none. */
const DEFAULT_THRESHOLD = 0.5
const SIDES: readonly Prediction['side'][] = ['train', 'val', 'test', 'pool']

/** Predictions of one cycle, packed: six numbers a case, so that 100,000 cases take a few megabytes. */
export class Predictions {
  readonly cycle: string
  private readonly thresholds: Record<Head, number>
  private readonly rows = new Map<string, number>()
  private scores = new Float32Array(64 * HEADS.length) // [rows, 6], the flag first
  private sides = new Uint8Array(64) // [rows], index into SIDES
  private folds = new Int16Array(64) // [rows], -1: by the model of all folds

  constructor(cycle: string, metrics: Pick<CycleMetrics, 'threshold' | 'thresholds'> | null) {
    this.cycle = cycle
    const threshold = (head: Head) =>
      metrics?.thresholds?.[head] ?? (head === 'flag' ? metrics?.threshold : null) ?? DEFAULT_THRESHOLD
    this.thresholds = Object.fromEntries(HEADS.map(head => [head, threshold(head)])) as Record<Head, number>
  }

  /**
   * Reads a predictions.jsonl, a part at a time; nothing is predicted where there is none.
   * @throws SyntaxError where a line is damaged.
   */
  async read(path: string): Promise<this> {
    const file = new LineFile(path)
    try {
      await file.eachLine(0, bytes => bytes.length > 0 && this.take(JSON.parse(bytes.toString('utf8'))), {
        rest: true,
      })
    } finally {
      file.close()
    }
    return this
  }

  take(row: Prediction): void {
    const at = this.rows.get(row.case) ?? this.rows.size
    if (at === this.sides.length) this.grow()
    this.rows.set(row.case, at)
    const from = at * HEADS.length
    this.scores[from] = row.flag
    for (const [i, lesion] of LESIONS.entries()) this.scores[from + 1 + i] = row.lesions[lesion]
    this.sides[at] = Math.max(0, SIDES.indexOf(row.side))
    this.folds[at] = row.fold ?? -1
  }

  private grow(): void {
    const { scores, sides, folds } = this
    this.scores = new Float32Array(scores.length * 2)
    this.scores.set(scores)
    this.sides = new Uint8Array(sides.length * 2)
    this.sides.set(sides)
    this.folds = new Int16Array(folds.length * 2)
    this.folds.set(folds)
  }

  /** Number of a case among those that were predicted. */
  place(caseId: string): number | undefined {
    return this.rows.get(caseId)
  }

  get size(): number {
    return this.rows.size
  }

  /** What the model says of a case; null where it has not seen it. */
  of(caseId: string, promoted: boolean): Opinion | null {
    const row = this.rows.get(caseId)
    if (row === undefined) return null
    const score = (head: number) => Math.round(this.scores[row * HEADS.length + head]! * 1e6) / 1e6
    const fold = this.folds[row]!
    return {
      cycle: this.cycle,
      promoted,
      side: SIDES[this.sides[row]!] as Side | 'pool',
      fold: fold < 0 ? null : fold,
      flag: score(0),
      lesions: perLesion(lesion => score(1 + LESIONS.indexOf(lesion))),
      thresholds: this.thresholds,
    }
  }
}
