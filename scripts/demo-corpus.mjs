/**
 * Writes data/demo/corpus (PDFs and truth.json) with the built code: npx tsc -p tsconfig.build.json, then this.
 * `--check` writes nothing and fails where the committed corpus is not what the generator makes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ready.mjs'

const built = join(root, 'dist', 'data', 'demo', 'corpus.js')
if (!existsSync(built)) {
  console.error(`demo corpus: ${built}: not built; run npx tsc -p tsconfig.build.json and try again`)
  process.exit(2)
}
const { makeCorpus } = await import(built)
const folder = join(root, 'data', 'demo', 'corpus')
const check = process.argv.includes('--check')
const { documents, truth } = await makeCorpus(undefined, {
  onProgress: ({ done, total, detail }) => console.error(`${done + 1}/${total} ${detail}`),
})
const files = new Map(documents.map(({ file, bytes }) => [file, bytes]))
files.set('truth.json', Buffer.from(`${JSON.stringify(truth, null, 1)}\n`))
if (check) {
  const wrong = [...files].filter(([file, bytes]) => {
    const path = join(folder, file)
    return !existsSync(path) || !readFileSync(path).equals(bytes)
  })
  for (const [file] of wrong)
    console.error(`${file}: differs from what the generator makes; run node scripts/demo-corpus.mjs`)
  process.exit(wrong.length > 0 ? 1 : 0)
}
mkdirSync(folder, { recursive: true })
for (const file of readdirSync(folder))
  if (/\.(pdf|json)$/.test(file) && !files.has(file)) rmSync(join(folder, file))
let total = 0
for (const [file, bytes] of files) {
  writeFileSync(join(folder, file), bytes)
  total += bytes.length
}
console.log(`${files.size} files, ${(total / 1e6).toFixed(2)} MB`)
