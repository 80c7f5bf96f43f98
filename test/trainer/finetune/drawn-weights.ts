import { writeFile } from 'node:fs/promises'
import { seededRandom } from '../../../data/statistics/random.ts'
import type { Shapes } from '../../../trainer/weights/fit-shapes.ts'
import { encodeSafetensors, type HostTensor } from '../../../trainer/weights/safetensors.ts'

/** A weights' file of drawn parameters (He's initialisation, norms that do nothing), for tests that need no ImageNet. */
export async function writeDrawnWeights(path: string, shapes: Shapes, seed = 1): Promise<void> {
  const random = seededRandom(seed)
  const tensors = new Map<string, HostTensor>()
  for (const [name, shape] of shapes) {
    const size = shape.reduce((product, extent) => product * extent, 1)
    const spread = Math.sqrt((2 * shape[0]!) / size)
    const still = /(running_var|(bn\d|norm)\.weight)$/.test(name) ? 1 : 0
    const data = Float32Array.from({ length: size }, () =>
      shape.length > 1 ? random.normal(0, spread) : still,
    )
    tensors.set(name, { shape: [...shape], data })
  }
  await writeFile(path, encodeSafetensors({ tensors, metadata: {} }))
}
