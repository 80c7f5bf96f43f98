import type { CycleRecord } from '../../data/records/cycle.ts'
import type { Trained } from '../cycle/train.ts'
export async function reportHtml(_: Trained & { record: CycleRecord }): Promise<string> {
  return ''
}
