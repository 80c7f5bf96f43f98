// Learns the layer of the `starter` backbone on phantoms and writes trainer/backbones/starter.safetensors.
// Run after a build: npm run build && node scripts/starter-weights.mjs (about ten minutes on two cores).
import { writeFile } from 'node:fs/promises'
import { packagePath } from '../dist/data/workspace/package-root.js'
import { learnStarter } from '../dist/trainer/backbones/learn-starter.js'
import { chooseBackend } from '../dist/trainer/backend/choose-backend.js'

await chooseBackend('wasm')
const bytes = await learnStarter({
  train: 2400,
  watch: 400,
  seed: 1,
  onProgress: ({ step, done, total, detail }) => {
    if (done % 200 === 0 || done === total) console.log(`${step} ${done} of ${total} ${detail ?? ''}`)
  },
})
const path = packagePath('trainer', 'backbones', 'starter.safetensors')
await writeFile(path, bytes)
console.log(`${path}: ${bytes.length} bytes`)
