import * as tf from '@tensorflow/tfjs-core'

/**
 * A scattering network (Bruna and Mallat 2013), whose filters are wavelets given by formula, beside soft histograms of
 * grey. Grey shares see haze and consolidation, first-order wavelets edges and septal lines, second-order ones the
 * texture of lines within haze (crazy paving). Nothing of it is learned.
 */
const SCALES = 4
const ORIENTATIONS = 8
const KERNEL = 7
/** Centres of the soft grey histogram, of 0…1. */
const GREYS = Array.from({ length: 12 }, (_, at) => (at + 0.5) / 12)
const CELLS = 3

/** [7, 7, 1, 2·8]: real and imaginary parts of Morlet wavelets, 8 orientations, wave length 4 pixels, zero mean. */
function wavelets(): Float32Array {
  const half = (KERNEL - 1) / 2
  const sigma = 1.6
  const frequency = (2 * Math.PI) / 4
  const bank = new Float32Array(KERNEL * KERNEL * 2 * ORIENTATIONS)
  for (let orientation = 0; orientation < ORIENTATIONS; orientation++) {
    const angle = (Math.PI * orientation) / ORIENTATIONS
    const real: number[] = []
    const imaginary: number[] = []
    const envelope: number[] = []
    for (let y = -half; y <= half; y++)
      for (let x = -half; x <= half; x++) {
        const along = x * Math.cos(angle) + y * Math.sin(angle)
        const across = -x * Math.sin(angle) + y * Math.cos(angle)
        const weight = Math.exp(-(along ** 2 + (across / 1.6) ** 2) / (2 * sigma ** 2))
        envelope.push(weight)
        real.push(weight * Math.cos(frequency * along))
        imaginary.push(weight * Math.sin(frequency * along))
      }
    // The envelope is taken off until the mean is zero: even grey gives nothing (the Morlet correction).
    const sum = (list: number[]) => list.reduce((total, value) => total + value, 0)
    const correction = sum(real) / sum(envelope)
    const norm = sum(envelope)
    for (let at = 0; at < KERNEL * KERNEL; at++) {
      bank[at * 2 * ORIENTATIONS + orientation] = (real[at]! - correction * envelope[at]!) / norm
      bank[at * 2 * ORIENTATIONS + ORIENTATIONS + orientation] = imaginary[at]! / norm
    }
  }
  return bank
}

/** Modulus of the wavelets' answers: [B, h, w, 1] → [B, h, w, 8]. */
function modulus(bank: tf.Tensor4D, x: tf.Tensor4D): tf.Tensor4D {
  const answers = tf.conv2d(x, bank, 1, 'same') // [B, h, w, 16]
  const [real, imaginary] = tf.split(answers, 2, 3) as [tf.Tensor4D, tf.Tensor4D]
  return tf.sqrt(tf.add(tf.add(tf.square(real), tf.square(imaginary)), 1e-8))
}

/** Means over a 3 × 3 grid and over all, and deviations over all: [B, h, w, c] → [B, 11·c]. */
function statistics(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape
  const cell: [number, number] = [Math.floor(height / CELLS), Math.floor(width / CELLS)]
  const grid = tf.avgPool(x, cell, cell, 'valid') // [B, 3, 3, c]
  const mean = tf.mean<tf.Tensor2D>(x, [1, 2])
  const square = tf.mean<tf.Tensor2D>(tf.square(x), [1, 2])
  const deviation = tf.sqrt(tf.add(tf.relu(tf.sub(square, tf.square(mean))), 1e-8))
  const cells = tf.reshape(tf.slice(grid, [0, 0, 0, 0], [batch, CELLS, CELLS, channels]), [
    batch,
    CELLS * CELLS * channels,
  ])
  return tf.concat([mean, deviation as tf.Tensor2D, cells as tf.Tensor2D], 1)
}

const halved = (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, 'same')

/** Mean and deviation over orientations, so that a turned picture has the same features: [B, h, w, 8] → [B, h, w, 2]. */
function unturned(x: tf.Tensor4D): tf.Tensor4D {
  const mean = tf.mean<tf.Tensor4D>(x, 3, true)
  const spread = tf.mean<tf.Tensor4D>(tf.abs(tf.sub(x, mean)), 3, true)
  return tf.concat([mean, spread], 3)
}

/** Scattering and grey features of [B, S, S, 1], grey 0…1: [B, 244]. `bank` is `waveletBank()`. */
export function scatter(bank: tf.Tensor4D, input: tf.Tensor4D): tf.Tensor2D {
  const parts: tf.Tensor2D[] = []
  const greys = tf.concat(
    GREYS.map(centre => tf.exp(tf.neg(tf.square(tf.mul(tf.sub(input, centre), GREYS.length))))),
    3,
  ) as tf.Tensor4D
  parts.push(statistics(greys))
  let x = input
  for (let scale = 0; scale < SCALES; scale++) {
    const first = modulus(bank, x) // [B, h, w, 8]
    const energy = unturned(first)
    parts.push(statistics(energy))
    if (scale + 1 < SCALES) {
      // Second order: the mean and the spread of the first, seen by the next scales' wavelets.
      const channels = tf.split(halved(energy), 2, 3) as tf.Tensor4D[]
      for (const channel of channels) {
        const second = statistics(unturned(modulus(bank, channel)))
        parts.push(tf.slice(second, [0, 0], [-1, 4]))
      }
    }
    x = halved(x)
  }
  return tf.log(tf.add(tf.concat(parts, 1), 1e-4)) as tf.Tensor2D
}

const STATISTICS = 2 + CELLS * CELLS

/** Numbers `scatter` gives of a picture. */
export const SCATTERING_FEATURES = STATISTICS * GREYS.length + SCALES * 2 * STATISTICS + (SCALES - 1) * 2 * 4

/** The filters as a tensor, [7, 7, 1, 16]. */
export const waveletBank = () => tf.tensor4d(wavelets(), [KERNEL, KERNEL, 1, 2 * ORIENTATIONS])
