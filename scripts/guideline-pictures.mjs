/**
 * Writes annotator/ui/public/guideline/: a phantom of each lesion, cut around it, shown by the labelling guideline until
 * the team has confirmed cases of its own. With the built code: npx tsc -p tsconfig.build.json, then this.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { root } from './ready.mjs'

const built = join(root, 'dist', 'data', 'demo', 'phantom', 'slice.js')
if (!existsSync(built)) {
  console.error(`guideline: ${built}: not built; run npx tsc -p tsconfig.build.json and try again`)
  process.exit(2)
}
const { phantomSlice } = await import(built)
const folder = join(root, 'annotator', 'ui', 'public', 'guideline')
const SHOWN = {
  GGO: ['GGO'],
  Csld: ['Csld'],
  CrPa: ['CrPa', 'GGO'],
  AirBr: ['AirBr', 'Csld'],
  InSepThi: ['InSepThi'],
}
/** Pixels of the slice that are cut out, and of the picture they become. */
const CUT = 150
const SIDE = 240

/** Where most of the lesion lies: the square of the mask's pixels with the most of them inside. */
function fullest(mask, width, height) {
  let best = { count: -1, left: 0, top: 0 }
  for (let top = 0; top + CUT <= height; top += 6)
    for (let left = 0; left + CUT <= width; left += 6) {
      let count = 0
      for (let y = top; y < top + CUT; y += 3)
        for (let x = left; x < left + CUT; x += 3) count += mask[y * width + x]
      if (count > best.count) best = { count, left, top }
    }
  return best
}

mkdirSync(folder, { recursive: true })
for (const [lesion, lesions] of Object.entries(SHOWN)) {
  let best = null
  for (let n = 1; n <= 12; n++) {
    const slice = phantomSlice(`guideline/${lesion}/${n}`, {
      covid: true,
      lesions,
      width: 480,
      severity: 0.55,
    })
    const mask = slice.masks[lesion]
    if (!mask || slice.width < CUT || slice.height < CUT) continue
    const place = fullest(mask, slice.width, slice.height)
    if (!best || place.count > best.place.count) best = { slice, place, n }
  }
  const { slice, place, n } = best
  await sharp(Buffer.from(slice.pixels), { raw: { width: slice.width, height: slice.height, channels: 1 } })
    .extract({ left: place.left, top: place.top, width: CUT, height: CUT })
    .resize(SIDE, SIDE, { kernel: 'cubic' })
    .webp({ quality: 88 })
    .toFile(join(folder, `${lesion}.webp`))
  console.log(`annotator/ui/public/guideline/${lesion}.webp: phantom ${n}`)
}
