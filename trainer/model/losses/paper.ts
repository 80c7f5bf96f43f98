import type { Loss } from './loss.ts'
import { lossTable } from './loss-table.ts'

/**
 * As the paper's text reads (medRxiv 2020.05.11.20097907): cross-entropy of the flag + λ · mean binary cross-entropy
 * of the five lesions on images of COVID patients, a lesion the text does not name counting as absent. No classes are
 * balanced, nothing is masked but the controls' lesions.
 */
export const paper: Loss = {
  name: 'paper',
  about: 'as the paper reads: flag + λ · lesions of COVID images, unmentioned = absent',
  lesions: true,
  table: (lessons, { lambda }) => {
    const raw = lessons.flatMap(row =>
      row.map((one, head) => (head === 0 ? Number(one.value !== null) : Number(row[0]!.value === 1))),
    )
    return lossTable(
      lessons.flatMap(row => row.map(one => one.value ?? 0)),
      raw,
      lambda,
    )
  },
}
