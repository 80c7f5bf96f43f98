import type { Preprocessing } from '../backbones/backbone.ts'
import type { Augmentation } from './augmentation.ts'
import { inputOf } from './input.ts'
import { type Prepared, prepare } from './prepare.ts'

/** One picture to be made an input. */
export interface PictureTask {
  path: string
  preprocessing: Preprocessing
  /** Height and width it is prepared at, at least the network's where it is cropped afterwards. */
  workingSize: number
  /** As it was prepared before, if it was. */
  prepared: Prepared | null
  augmentation: Augmentation | null
}

export interface PictureDone {
  /** [S, S, C] */
  x: Float32Array
  /** Where it was prepared now: to be kept. Its pixels lie in shared memory. */
  prepared: Prepared | null
}

/** Does a task; the same on the main thread and in a worker. @throws LesionloopError where the picture can't be decoded. */
export async function doTask(task: PictureTask): Promise<PictureDone> {
  const { path, preprocessing, workingSize, augmentation } = task
  const fresh = task.prepared ? null : shared(await prepare(path, workingSize, preprocessing.picture))
  const prepared = task.prepared ?? fresh!
  return { x: await inputOf(prepared, preprocessing, augmentation), prepared: fresh }
}

/** Its pixels in memory that threads share, so that handing it over copies nothing. */
function shared({ picture, units, aspect }: Prepared): Prepared {
  const bytes = new Uint8Array(new SharedArrayBuffer(picture.data.byteLength))
  bytes.set(picture.data)
  if (!units) return { picture: { ...picture, data: bytes }, units, aspect }
  const data = new Int16Array(new SharedArrayBuffer(units.data.byteLength))
  data.set(units.data)
  return { picture: { ...picture, data: bytes }, units: { ...units, data }, aspect }
}
