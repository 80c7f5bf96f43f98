/**
 * A table of parameters in the order and under the names of torch's `state_dict()` (without `num_batches_tracked`, the
 * counters nothing reads), with torch's shapes.
 */
export class TorchShapes extends Map<string, readonly number[]> {
  /** Kernel [out, in, size, size]; one for each channel where `inputs` is 1. */
  convolution(name: string, out: number, inputs: number, size: number, { bias = false } = {}): this {
    this.set(`${name}.weight`, [out, inputs, size, size])
    if (bias) this.set(`${name}.bias`, [out])
    return this
  }

  norm(name: string, channels: number): this {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      this.set(`${name}.${part}`, [channels])
    return this
  }

  linear(name: string, out: number, inputs: number): this {
    return this.set(`${name}.weight`, [out, inputs]).set(`${name}.bias`, [out])
  }
}
