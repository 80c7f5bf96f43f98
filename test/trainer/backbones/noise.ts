/**
 * Uniform in −1…1 by formula, float32: the last mixing step of MurmurHash3 (Appleby, public domain) over the place and
 * the tensor's number. test/trainer/pytorch/training_reference.py says the same in Python.
 */
export function noise(count: number, tensor: number): Float32Array {
  const first = Math.imul(tensor + 1, 0x9e3779b9) >>> 0
  return Float32Array.from({ length: count }, (_, place) => {
    let h = (place + first) >>> 0
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    h ^= h >>> 16
    return (h >>> 0) / 2 ** 31 - 1
  })
}
