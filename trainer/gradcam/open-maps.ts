import { LesionloopError } from '../../data/errors.ts'
import { loadBackbone } from '../backbones/load.ts'
import { checkBackbone } from '../backbones/same-backbone.ts'
import { readCheckpoint } from '../model/checkpoint.ts'
import { checkpointKind } from '../model/checkpoint-kind.ts'
import { networkParameters, readNetwork } from '../model/network-checkpoint.ts'
import type { WeightsOptions } from '../weights/find-weights.ts'
import { frozenMaps } from './frozen-maps.ts'
import type { MapModel } from './heat-map.ts'
import { networkMaps } from './network-maps.ts'

/**
 * A checkpoint, of heads on frozen features or of a whole network, as a model with heat maps. The backend must have
 * been chosen before.
 * @param options.init the backbone's weights, where they lie elsewhere now; only heads need them.
 * @throws LesionloopError `maps-absent` where its features are no means of maps; `weights-…`, `backbone-unknown`.
 */
export async function openMaps(
  checkpoint: string,
  { init, ...options }: WeightsOptions & { init?: string } = {},
): Promise<MapModel> {
  if ((await checkpointKind(checkpoint)) === 'network') {
    const network = await readNetwork(checkpoint)
    const { configuration, heads, backbone } = network
    return networkMaps({
      // Only a network that learns has a checkpoint of this kind.
      trainable: backbone.trainable!,
      parameters: networkParameters(network),
      // Optional fields of the schema stand as undefined, which these types tell from absent.
      preprocessing: JSON.parse(JSON.stringify(configuration.preprocessing)),
      heads,
    })
  }
  const { model, configuration } = await readCheckpoint(checkpoint)
  const from = init ?? configuration.init
  const backbone = await loadBackbone(configuration.backbone, {
    ...options,
    ...(from === null ? {} : { init: from }),
  })
  checkBackbone(backbone, configuration, 'this checkpoint')
  const maps = frozenMaps(backbone, model)
  if (maps) return maps
  throw new LesionloopError(
    'maps-absent',
    `heat maps: ${backbone.name}: its features are no means over maps of the picture: a network such as efficientnet-lite0 was expected; train with --backbone efficientnet-lite0`,
    { backbone: backbone.name },
  )
}
