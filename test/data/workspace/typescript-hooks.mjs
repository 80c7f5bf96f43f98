// Node's hooks for loading modules: a TypeScript file is given without its types.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// Vite's own dependency, found from where Vite is.
const vite = createRequire(import.meta.url).resolve('vite')
const { transformSync } = createRequire(vite)('rolldown/utils')

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const path = fileURLToPath(url)
  const { code, errors } = transformSync(path, await readFile(path, 'utf8'))
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map(({ message }) => message).join('; ')}`)
  return { format: 'module', source: code, shortCircuit: true }
}
