/** Axes of an array in another order, as numpy's `transpose`: extent i of the outcome is extent `order[i]` of the input. */
export function transposed(
  data: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): { data: Float32Array; shape: number[] } {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, extent) => product * extent, 1),
  )
  const turned = order.map(axis => shape[axis]!)
  const steps = order.map(axis => strides[axis]!)
  const out = new Float32Array(data.length)
  const place = new Array<number>(turned.length).fill(0)
  let from = 0
  for (let at = 0; at < out.length; at++) {
    out[at] = data[from]!
    for (let axis = turned.length - 1; axis >= 0; axis--) {
      from += steps[axis]!
      if (++place[axis]! < turned[axis]!) break
      from -= steps[axis]! * turned[axis]!
      place[axis] = 0
    }
  }
  return { data: out, shape: turned }
}
