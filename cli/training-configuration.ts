import { LesionloopError } from '../data/errors.ts'
import { readJson } from '../data/workspace/files.ts'

/** Options by their names in camel case, as yet unchecked. */
export type Given = Record<string, unknown>

/** What a sealed cycle's config.json holds beside options. */
const NOTES = new Set(['scoredBy', 'keptAt', 'startedFrom'])

/**
 * Options out of a JSON file: under the names of the command line (`head-rate` or `headRate`), those of a fine-tuning
 * among the others or under `finetune`. A sealed cycle's config.json is such a file.
 * @throws LesionloopError `file-missing`, `file-damaged`, `usage` (no object).
 */
export async function readConfiguration(path: string): Promise<Given> {
  const content = await readJson(path)
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new LesionloopError('usage', `configuration: ${path}: a JSON object of options was expected`)
  const { finetune, ...rest } = content as Given
  const all = { ...rest, ...(typeof finetune === 'object' ? finetune : {}) }
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name, value]) => !NOTES.has(name) && !(name === 'init' && value === null))
      .map(([name, value]) => [
        name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ]),
  )
}

/**
 * Puts each option where it belongs: those of a fine-tuning under `finetune`, the seed in both. Epochs and batch are
 * the fine-tuning's where there is one.
 * @throws LesionloopError `usage` where an option of fine-tuning is given without `fit: finetune`.
 */
export async function splitOptions(given: Given): Promise<Given> {
  const { finetuneOptions } = await import('../trainer/finetune/options.ts')
  const { cycleOptions } = await import('../trainer/cycle/options.ts')
  const tuning = Object.keys(finetuneOptions.shape)
  const shared = new Set(tuning.filter(name => name in cycleOptions.shape))
  if (given['fit'] !== 'finetune') {
    const misplaced = Object.keys(given).filter(name => tuning.includes(name) && !shared.has(name))
    if (misplaced.length > 0)
      throw new LesionloopError(
        'usage',
        `options: ${misplaced.map(name => `--${kebab(name)}`).join(', ')}: only with --fit finetune; add it, or leave ${misplaced.length === 1 ? 'this' : 'these'} out`,
      )
    return given
  }
  const part = (names: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => names(name)))
  return {
    ...part(name => !tuning.includes(name)),
    ...part(name => name === 'seed'),
    finetune: part(name => tuning.includes(name)),
  }
}

const kebab = (name: string) => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
