import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { greyLevels } from '../../data/statistics/grey-levels.ts'
import { shortcutControl, shortcutFeatures } from '../../data/statistics/shortcut.ts'
import { readPixels } from '../../data/workspace/images.ts'
import type { CovidCtExample } from './covid-ct-examples.ts'

const rows = new Map<string, Promise<number[] | null>>()

/** Probability of the flag of each test picture by file format, size and grey levels alone, learned on the train side. */
export async function shortcutOf(examples: readonly CovidCtExample[]): Promise<Map<string, number>> {
  const side = async (name: CovidCtExample['side']) => {
    const found = examples.filter(one => one.side === name)
    const numbers = await Promise.all(found.map(one => shortcutRow(one.path)))
    return found.flatMap((one, at) => (numbers[at] ? [{ one, row: numbers[at] }] : []))
  }
  const [train, test] = [await side('train'), await side('test')]
  const probabilities = shortcutControl(
    train.map(({ row }) => row),
    train.map(({ one }) => one.truth[0]!),
    test.map(({ row }) => row),
  )
  return new Map(test.map(({ one }, at) => [one.id, probabilities[at]!]))
}

/** null where a picture can't be read: the runs name it too. */
function shortcutRow(path: string): Promise<number[] | null> {
  const known = rows.get(path) ?? measure(path).catch(() => null)
  rows.set(path, known)
  return known
}

async function measure(path: string): Promise<number[]> {
  const pixels = await readPixels(path)
  const { size } = await stat(path)
  const format = extname(path).slice(1).toLowerCase().replace(/^jpg$/, 'jpeg')
  const { width, height } = pixels
  return shortcutFeatures({ format, width, height, bytes: size, grey: greyLevels(pixels) })
}
