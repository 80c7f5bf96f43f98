import { LesionloopError } from '../../data/errors.ts'
import type { HostTensor } from './safetensors.ts'

/** Names of parameters with the shape each must have. */
export type Shapes = ReadonlyMap<string, readonly number[]>

/**
 * Takes what a network needs out of a file of tensors. Every missing, surplus or misshapen tensor is named (the first
 * ten of each kind). `ignored` are names that may be there unused (counters of batches seen, a head not wanted).
 * @throws LesionloopError `weights-mismatch`.
 */
export function fitShapes(
  tensors: ReadonlyMap<string, HostTensor>,
  shapes: Shapes,
  { what, ignored = () => false }: { what: string; ignored?: (name: string) => boolean },
): Map<string, HostTensor> {
  const missing: string[] = []
  const misshapen: string[] = []
  const fitting = new Map<string, HostTensor>()
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(name)
    if (!tensor) missing.push(name)
    else if (tensor.shape.join() !== shape.join())
      misshapen.push(`${name} is [${tensor.shape}], [${shape}] expected`)
    else fitting.set(name, tensor)
  }
  const surplus = [...tensors.keys()].filter(name => !shapes.has(name) && !ignored(name))
  if (missing.length + misshapen.length + surplus.length > 0) {
    const listed = (title: string, names: string[]) =>
      names.length === 0
        ? []
        : [
            `${title} ${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`,
          ]
    const faults = [
      ...listed('missing', missing),
      ...listed('misshapen', misshapen),
      ...listed('surplus', surplus),
    ]
    throw new LesionloopError(
      'weights-mismatch',
      `weights: ${what}: not of this network: ${faults.join('; ')}; give the weights of this backbone, or name the backbone they are of`,
      { missing, misshapen, surplus },
    )
  }
  return fitting
}
