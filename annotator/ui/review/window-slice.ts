import type { HounsfieldImage } from '../../../data/records/case.ts'
import { imageAddress } from './images.ts'
import type { HounsfieldSlice } from './window-level.ts'
import { decodeGreys } from './window-png.ts'

const KEEP = 8
const kept = new Map<string, Promise<HounsfieldSlice>>()

/** The slice in Hounsfield units, fetched and decoded once; of several asked for the newest are kept. */
export function hounsfieldSlice(image: HounsfieldImage): Promise<HounsfieldSlice> {
  const { file, slope, intercept } = image
  let slice = kept.get(file)
  if (slice) kept.delete(file)
  else {
    slice = fetch(imageAddress(file)).then(async reply => {
      if (!reply.ok) throw new Error(`image: ${file}: status ${reply.status}`)
      return { ...(await decodeGreys(new Uint8Array(await reply.arrayBuffer()))), slope, intercept }
    })
    // Asked for again the next time.
    slice.catch(() => kept.delete(file))
  }
  kept.set(file, slice)
  for (const oldest of kept.keys()) {
    if (kept.size <= KEEP) break
    kept.delete(oldest)
  }
  return slice
}
