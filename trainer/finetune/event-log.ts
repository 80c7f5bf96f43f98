import type { FileOperations } from '../../data/workspace/files.ts'
import { type EventFile, openEventFile } from '../tensorboard/event-file.ts'
import type { EpochRecord } from './history.ts'
import type { Pace } from './pace.ts'

/** A run's curves for TensorBoard, in the run's folder. A run that goes on begins another file where it goes on. */
export class EventLog {
  readonly #folder: string
  readonly #files: FileOperations | undefined
  #file: EventFile | null = null

  constructor(folder: string, files?: FileOperations) {
    this.#folder = folder
    this.#files = files
  }

  async epoch(record: EpochRecord, pace: Pace): Promise<void> {
    const { epoch, trainLoss, valLoss, valFlagLoss, valLesionLoss, valAuc, rate } = record
    this.#file ??= await openEventFile(this.#folder, {
      fromStep: epoch,
      ...(this.#files ? { files: this.#files } : {}),
    })
    const values: Record<string, number | null | undefined> = {
      'loss/train': trainLoss,
      'loss/validation': valLoss,
      'loss/validation, flag': valFlagLoss,
      'loss/validation, lesions': valLesionLoss,
      'AUC/validation, flag': valAuc,
      'rate, share of the highest': rate,
      'speed/images a second': pace.imagesPerSecond,
      'speed/share waited for pictures': pace.waitedShare,
    }
    const known = Object.entries(values).filter((one): one is [string, number] => typeof one[1] === 'number')
    await this.#file.scalars(epoch, Object.fromEntries(known))
  }
}
