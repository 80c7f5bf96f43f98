import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { encodeNetwork, networkParameters, readNetwork } from '../../../trainer/model/network-checkpoint.ts'
import { encodeSafetensors, readSafetensors } from '../../../trainer/weights/safetensors.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { DESCRIPTION, noiseNetwork, noiseNetworkFile } from '../onnx/noise-network.ts'
import { disposeAll } from './parity-case.ts'

describe('a checkpoint of a whole network', () => {
  beforeAll(() => chooseBackend('wasm'), 300_000)

  it('comes back as it was written: configuration, heads in order, and the same bytes again', async () => {
    const path = await noiseNetworkFile('efficientnet-lite0', 96)
    const read = await readNetwork(path)
    expect(read.heads).toEqual(DESCRIPTION.heads)
    expect(read.configuration).toMatchObject({
      format: 'lesionloop-network-1',
      backbone: 'efficientnet-lite0',
      loss: 'lesion-attention',
      lambda: 0.5,
      preprocessing: { size: 96, channels: 'rgb', mean: [0.5, 0.5, 0.5] },
    })
    expect(read.configuration.heads.map(({ head }) => head)).toEqual(HEADS)
    const parameters = networkParameters(read)
    const { weights, weightsSha256, loss, lambda, preprocessing } = read.configuration
    const again = encodeNetwork(parameters, {
      backbone: 'efficientnet-lite0',
      weights,
      weightsSha256,
      preprocessing: preprocessing as never,
      loss,
      lambda,
      heads: read.heads,
    })
    expect(Buffer.from(again).equals(await readFile(path))).toBe(true)
    disposeAll(parameters)
  })

  it("holds the backbone under PyTorch's names and shapes beside the two heads, and no ImageNet classes", async () => {
    const { tensors } = await readSafetensors(await noiseNetworkFile('resnet18', 64))
    expect(tensors.get('layer2.0.downsample.0.weight')!.shape).toEqual([128, 64, 1, 1])
    expect(tensors.get('flag.weight')!.shape).toEqual([1, 512])
    expect(tensors.get('lesions.weight')!.shape).toEqual([5, 512])
    expect([...tensors.keys()].some(name => name.startsWith('fc.'))).toBe(false)
  })

  it('leaves no tensor behind when it is written', () => {
    noiseNetwork('efficientnet-lite0', 64)
    const before = tf.memory().numTensors
    noiseNetwork('efficientnet-lite0', 64)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is refused where tensors are missing, surplus or misshapen, each named, of heads and of the backbone', async () => {
    const file = await readSafetensors(await noiseNetworkFile('resnet18', 64))
    const changed = async (change: (tensors: typeof file.tensors) => void) => {
      const tensors = new Map(file.tensors)
      change(tensors)
      const path = join(await temporaryFolder(), 'changed.safetensors')
      await writeFile(path, encodeSafetensors({ tensors, metadata: file.metadata }))
      return readNetwork(path)
    }
    await expect(changed(tensors => tensors.delete('flag.bias'))).rejects.toThrow(/missing flag\.bias/)
    await expect(changed(tensors => tensors.delete('bn1.weight'))).rejects.toThrow(/missing bn1\.weight/)
    await expect(
      changed(tensors => tensors.set('lesions.bias', { shape: [4], data: new Float32Array(4) })),
    ).rejects.toThrow(/misshapen lesions\.bias is \[4\], \[5\] expected/)
    await expect(
      changed(tensors => tensors.set('extra', { shape: [1], data: new Float32Array(1) })),
    ).rejects.toThrow(/surplus extra/)
  })

  it('is refused where its configuration is of another kind or of a backbone nobody knows', async () => {
    const file = await readSafetensors(await noiseNetworkFile('resnet18', 64))
    const config = JSON.parse(file.metadata['lesionloop']!) as Record<string, unknown>
    const withConfig = async (change: Record<string, unknown>) => {
      const path = join(await temporaryFolder(), 'changed.safetensors')
      const metadata = { lesionloop: JSON.stringify({ ...config, ...change }) }
      await writeFile(path, encodeSafetensors({ ...file, metadata }))
      return readNetwork(path)
    }
    await expect(withConfig({ format: 'lesionloop-heads-1' })).rejects.toMatchObject({
      code: 'weights-mismatch',
    })
    await expect(withConfig({ backbone: 'resnet9000' })).rejects.toMatchObject({ code: 'backbone-unknown' })
    await expect(withConfig({ backbone: 'starter' })).rejects.toMatchObject({ code: 'backbone-frozen' })
  })
})
