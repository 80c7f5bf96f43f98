import type { Progress } from '../../data/records/job.ts'
import type { EpochRecord } from './history.ts'

/** Tells how far a run is, how fast, and how long it will take. What it tells is never part of a run's state. */
export class Pace {
  readonly #left: number
  readonly #tell: ((progress: Progress) => void) | undefined
  readonly #began = performance.now()
  #epochs = 0
  #waited = 0
  #learned = 0
  #learning = 0

  /** @param left epochs still to do when this process began. */
  constructor(left: number, tell: ((progress: Progress) => void) | undefined) {
    this.#left = left
    this.#tell = tell
  }

  /** A step is done: pictures of this epoch so far, and the share of the last step that was waited for pictures. */
  step(
    epoch: number,
    epochs: number,
    done: number,
    total: number,
    step: { loss: number; images: number; ms: number; waitedMs: number },
  ): void {
    this.#learned += step.images
    this.#learning += step.ms
    this.#waited += step.waitedMs
    this.#tell?.({
      step: `epoch ${epoch} of ${epochs}`,
      done,
      total,
      detail: `loss ${step.loss.toFixed(3)}, ${this.imagesPerSecond.toFixed(1)} images/s, waited ${Math.round(100 * this.waitedShare)} %${this.#remaining(this.#epochs + done / total)}`,
    })
  }

  watching(epoch: number, epochs: number, done: number, total: number): void {
    this.#tell?.({ step: `epoch ${epoch} of ${epochs}: validation`, done, total })
  }

  epochDone(record: EpochRecord, epochs: number): void {
    this.#epochs++
    const { epoch, trainLoss, valLoss, valAuc } = record
    const auc = valAuc === undefined || valAuc === null ? '' : `, AUC ${valAuc.toFixed(3)}`
    this.#tell?.({
      step: 'learning',
      done: epoch,
      total: epochs,
      detail: `loss ${trainLoss.toFixed(3)}${valLoss === undefined ? '' : `, validation ${valLoss.toFixed(3)}${auc}`}${this.#remaining(this.#epochs)}`,
      point: { epoch, trainLoss, ...(valLoss === undefined ? {} : { valLoss }) },
    })
  }

  judging(done: number, total: number): void {
    this.#tell?.({ step: 'scoring pictures', done, total })
  }

  /** Pictures learned from in a second, without validation. */
  get imagesPerSecond(): number {
    return this.#learning === 0 ? 0 : (1000 * this.#learned) / this.#learning
  }

  /** Share of the training time in which a step waited for pictures. */
  get waitedShare(): number {
    return this.#learning === 0 ? 0 : this.#waited / this.#learning
  }

  #remaining(epochs: number): string {
    if (epochs <= 0 || this.#left - epochs <= 0) return ''
    const seconds = ((performance.now() - this.#began) / 1000 / epochs) * (this.#left - epochs)
    return seconds < 90
      ? `, about ${Math.ceil(seconds)} s left`
      : `, about ${Math.ceil(seconds / 60)} min left`
  }
}
