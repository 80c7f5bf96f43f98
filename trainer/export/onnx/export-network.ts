import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError, messageOf } from '../../../data/errors.ts'
import { packageVersion } from '../../../data/workspace/package-root.ts'
import type { Parameters } from '../../backbones/backbone.ts'
import type { ReadNetwork } from '../../model/network-checkpoint.ts'
import { dense } from '../../ops/dense.ts'
import { EVALUATION } from '../../ops/mode.ts'
import { globalMean } from '../../ops/pooling.ts'
import type { Graph } from './graph.ts'
import { ONNX_BACKEND, registerTracing } from './kernels.ts'
import { encodeModel } from './model-proto.ts'
import { Tracer } from './tracer.ts'

/**
 * A fine-tuned network as an .onnx file (operator set 17). Input `picture`, [N, 3, S, S], float32, normalised as the
 * configuration says; outputs `flag` [N, 1] and `lesions` [N, 5] are logits, `flag_probability` and
 * `lesion_probabilities` their sigmoids, not calibrated. The configuration, with preprocessing, calibrators and operating
 * points, stands in the file's metadata under `lesionloop`. Weights keep PyTorch's names.
 * @throws LesionloopError `onnx-unsupported` where the network asks for something that has no rule here.
 */
export async function networkToOnnx(network: ReadNetwork): Promise<Uint8Array> {
  const { configuration, backbone } = network
  const graph = await traceNetwork(network)
  return encodeModel(graph, {
    producerVersion: packageVersion(),
    about: `LA-DNN on ${backbone.name}: research use only, not a diagnosis`,
    metadata: { lesionloop: JSON.stringify(configuration) },
  })
}

/** Runs the network's own functions once on a backend that writes them down. */
async function traceNetwork(network: ReadNetwork): Promise<Graph> {
  const { backbone, configuration } = network
  const { maps } = backbone.trainable!
  const { size, mean } = configuration.preprocessing
  const tracer = new Tracer(backbone.name)
  const before = tf.getBackend()
  registerTracing()
  tf.registerBackend(ONNX_BACKEND, () => tracer)
  await tf.setBackend(ONNX_BACKEND)
  try {
    tf.tidy(() => {
      const p = tracedParameters(tracer, network)
      const picture = tracer.input('picture', [1, size, size, mean.length])
      const features = globalMean(maps(p, picture, EVALUATION))
      for (const [head, probabilities] of [
        ['flag', 'flag_probability'],
        ['lesions', 'lesion_probabilities'],
      ] as const) {
        const weight = p.get(`${head}.weight`) as tf.Tensor2D
        const logits = dense(features, weight, p.get(`${head}.bias`) as tf.Tensor1D)
        tracer.output(head, logits)
        tracer.output(probabilities, tf.sigmoid(logits))
      }
    })
    return tracer.graph
  } catch (error) {
    throw new LesionloopError(
      'onnx-unsupported',
      `onnx: ${backbone.name} at ${size} × ${size}: ${messageOf(error)}: a network of convolutions, norms, poolings and dense layers was expected; export it at the size it was made for, or with PyTorch from the same checkpoint`,
      {},
      { cause: error },
    )
  } finally {
    // Without another backend the next verb chooses one.
    if (before) await tf.setBackend(before)
    tf.removeBackend(ONNX_BACKEND)
  }
}

/** The checkpoint's tensors in the layout of `Trainable.maps`, each knowing its name. */
function tracedParameters(tracer: Tracer, { backbone, tensors }: ReadNetwork): Parameters {
  const raw = new Map(
    [...tensors].map(([name, { data, shape }]) => [name, tracer.constant(name, data, shape)]),
  )
  return backbone.trainable!.arrange(raw)
}
