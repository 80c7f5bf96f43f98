import * as tf from '@tensorflow/tfjs-core'

/** What TensorFlow.js notes of a kernel on its way forward; see its engine's `TapeNode`. */
interface Recorded {
  saved: tf.Tensor[]
  gradient?: (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>
}

/** The engine's own state, which its types keep private. */
interface EngineState {
  gradientDepth: number
  activeTape?: Recorded[] | null
}

/**
 * Makes the way back from `loss` give memory back as it goes. TensorFlow.js keeps every activation and every gradient
 * of one until the last is computed; here each goes as soon as the kernel before it is reached, as in PyTorch. Call it
 * on the loss, as the last thing in the function whose gradients are taken:
 * `tf.variableGrads(() => releasedEarly(loss()))`. For gradients by parameters and inputs, not by what lies between.
 * @returns the same loss.
 */
export function releasedEarly<T extends tf.Tensor>(loss: T): T {
  const { gradientDepth, activeTape } = (tf.engine() as unknown as { state: EngineState }).state
  // Gradients of gradients go over the same tape again.
  if (gradientDepth !== 1 || !activeTape) return loss
  let used: tf.Tensor[] = []
  for (const node of activeTape) {
    const { gradient } = node
    if (!gradient) continue
    node.gradient = dys => {
      // Kernels are reached one after the other: what the one before used is used no more.
      tf.dispose(used)
      const given = dys.filter(dy => dy !== null)
      used = [...node.saved, ...given]
      return owned(gradient(dys), new Set(given))
    }
  }
  return loss
}

/** Functions of gradients that hand on what they were given hand on a tensor of its own. */
function owned(gradients: Record<string, () => tf.Tensor>, given: Set<tf.Tensor>) {
  return Object.fromEntries(
    Object.entries(gradients).map(([input, compute]) => [
      input,
      () => {
        const gradient = compute()
        if (given.has(gradient)) return tf.clone(gradient)
        return gradient
      },
    ]),
  )
}

/**
 * `f(x)`, and x is given back: for a network's maps between two blocks, which no one asks for again. What f makes on
 * its way is given back too; where gradients are recorded they keep what they need.
 */
export function handedOn<X extends tf.Tensor, Y extends tf.Tensor>(x: X, f: (x: X) => Y): Y {
  const y = tf.tidy(() => f(x))
  if ((y as tf.Tensor) !== x) x.dispose()
  return y
}
