import type { Head } from '../../data/records/vocabulary.ts'
import type { Preprocessing } from '../backbones/backbone.ts'
import { pictureInput } from '../features/picture.ts'
import { type HeatMap, heatMaps, type MapModel } from './heat-map.ts'

/** Heat maps of a picture by its path or bytes. @throws LesionloopError `image-…` where it can't be decoded. */
export async function heatMapsOfPicture(
  model: MapModel,
  source: string | Uint8Array,
  { heads, name }: { heads?: readonly Head[]; name?: string } = {},
): Promise<Map<Head, HeatMap>> {
  const preprocessing: Preprocessing = model.preprocessing
  return heatMaps(model, await pictureInput(source, preprocessing, name), heads)
}
