/** Random weights and the step of fine-tuning itself: forward, backward, AdamW; without what PyTorch's side doesn't do. */
import * as tf from '@tensorflow/tfjs-core'

/** As torch's networks begin: He et al. 2015; norms that change nothing. Torch's names and layout. */
export async function randomWeights(load, backbone) {
  const { seededRandom } = await load('data/statistics/random.js')
  const random = seededRandom(1)
  return new Map(
    [...backbone.shapes].map(([key, lengths]) => {
      const length = lengths.reduce((a, b) => a * b, 1)
      const deviation = Math.sqrt(2 / (length / lengths[0]))
      const one = key.endsWith('running_var') || (lengths.length === 1 && key.endsWith('.weight'))
      const value = lengths.length > 1 ? () => random.normal(0, deviation) : () => (one ? 1 : 0)
      return [key, tf.tensor(Float32Array.from({ length }, value), [...lengths])]
    }),
  )
}

/** @returns a function that takes a step on an input [B, S, S, 3]; B may be smaller than `batch`. */
export async function openStep(load, backbone, batch) {
  const { trainingStep, learningNames } = await load('trainer/finetune/training-step.js')
  const { newHeads } = await load('trainer/finetune/network.js')
  const { newOptimizerState } = await load('trainer/finetune/optimizer.js')
  const { readFinetuneOptions } = await load('trainer/finetune/options.js')
  const { lossTable } = await load('trainer/model/losses/loss-table.js')
  const network = backbone.trainable
  const options = readFinetuneOptions({ ema: 0, clip: 0, dropout: 0, batch })
  const weights = await randomWeights(load, backbone)
  const parameters = new Map([...network.arrange(weights), ...newHeads(network.channels, 1)])
  tf.dispose([...weights.values()])
  const learning = { parameters, average: null, optimizer: newOptimizerState(), steps: 0 }
  const names = learningNames(network, parameters.keys(), options, 0, true)
  return input => {
    const values = Array.from({ length: input.shape[0] * 6 }, (_, at) => at % 2)
    const table = lossTable(
      values,
      values.map(() => 1),
      0.5,
    )
    trainingStep(network, learning, names, { input, table, rate: 1e-3 }, options)
  }
}
