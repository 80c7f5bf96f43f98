import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { BACKBONES, backboneNamed, loadBackbone, loadTrainable } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { encodeSafetensors, type HostTensor } from '../../../trainer/weights/safetensors.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { disposeAll } from './parity-case.ts'

const timm = JSON.parse(
  readFileSync(packagePath('test', 'fixtures', 'timm', 'names.json'), 'utf8'),
) as Record<'efficientnet_b0' | 'efficientnet_b1', string[]>
const trainable = [...BACKBONES.values()].filter(one => one.trainable)

/** Tensors of nought under a network's own names, its ImageNet classes included. */
function tensorsOf(name: string): Map<string, HostTensor> {
  const { shapes, classifier = new Map() } = backboneNamed(name)
  return new Map(
    [...shapes, ...classifier].map(([key, shape]) => {
      const size = shape.reduce((product: number, extent: number) => product * extent, 1)
      return [key, { shape: [...shape], data: new Float32Array(size) }]
    }),
  )
}

async function fileOf(tensors: Map<string, HostTensor>): Promise<string> {
  const path = join(await temporaryFolder(), 'weights.safetensors')
  await writeFile(path, encodeSafetensors({ tensors, metadata: {} }))
  return path
}

describe('backbones', () => {
  beforeAll(() => chooseBackend('wasm'), 300_000)

  it.each([
    ['vgg16', 32, 138_357_544],
    ['resnet18', 102, 11_689_512],
    ['resnet50', 267, 25_557_032],
    ['densenet121', 606, 7_978_856],
    ['densenet169', 846, 14_149_480],
    ['efficientnet-b0', 311, 5_288_548],
    ['efficientnet-b1', 439, 7_794_184],
    ['efficientnet-lite0', 247, 4_652_008],
  ])('%s has the %i tensors and %i parameters PyTorch counts', (name, tensors, parameters) => {
    const { shapes, classifier } = backboneNamed(name)
    const all = [...shapes, ...classifier!]
    expect(all).toHaveLength(tensors)
    const learned = all.filter(([key]) => !key.includes('running_'))
    expect(
      learned.reduce((sum, [, shape]) => sum + shape.reduce((product, extent) => product * extent, 1), 0),
    ).toBe(parameters)
  })

  it.each(trainable.map(one => [one.name, one] as const))(
    'have stages that hold every parameter once: %s',
    (_, { shapes, trainable }) => {
      for (const name of shapes.keys())
        expect(
          trainable!.stages.filter(stage => stage.some(beginning => name.startsWith(beginning))),
          name,
        ).toHaveLength(1)
    },
  )

  it.each([
    ['efficientnet-b0', 'efficientnet_b0'],
    ['efficientnet-b1', 'efficientnet_b1'],
  ] as const)("know timm's names of every tensor: %s", (name, file) => {
    const { rename, shapes, classifier } = backboneNamed(name)
    expect(timm[file].map(rename!)).toEqual([...shapes.keys(), ...classifier!.keys()])
  })

  it("know timm's names of VGG16's dense layers, which stand in its file and are not needed", async () => {
    const { rename } = backboneNamed('vgg16')
    expect(['pre_logits.fc1.weight', 'pre_logits.fc2.bias', 'head.fc.weight'].map(rename!)).toEqual([
      'classifier.0.weight',
      'classifier.3.bias',
      'classifier.6.weight',
    ])
  })

  it('know the names of early checkpoints of DenseNet', () => {
    const { rename, shapes } = backboneNamed('densenet121')
    const named = rename!('features.denseblock3.denselayer12.norm.1.running_mean')
    expect(shapes.has(named)).toBe(true)
    expect([...shapes.keys()].map(rename!)).toEqual([...shapes.keys()])
  })

  it("are fetched by their default name, under timm's names, classes and counters left aside", async () => {
    const names = timm.efficientnet_b0
    const ours = [...tensorsOf('efficientnet-b0').values()]
    const tensors = new Map(names.map((name, at) => [name, ours[at]!]))
    tensors.set('bn1.num_batches_tracked', { shape: [], data: new Float32Array(1) })
    const body = Buffer.from(encodeSafetensors({ tensors, metadata: {} }))
    const sha = createHash('sha256').update(body).digest('hex')
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url!)
      response.writeHead(200, { 'x-linked-etag': `"${sha}"`, 'content-length': body.length })
      response.end(request.method === 'HEAD' ? undefined : body)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const loaded = await loadTrainable('efficientnet-b0', { hub, cache: await temporaryFolder() })
    expect(new Set(asked)).toEqual(new Set(['/timm/efficientnet_b0.ra_in1k/resolve/main/model.safetensors']))
    expect(loaded).toMatchObject({ weightsName: 'timm/efficientnet_b0.ra_in1k', weightsSha256: sha })
    expect([...loaded.parameters.keys()]).toEqual([...loaded.shapes.keys()])
    expect(loaded.parameters.get('features.0.0.weight')!.shape).toEqual([3, 3, 3, 32])
    disposeAll(loaded.parameters)
  })

  it('refuse weights of another net and name each missing, surplus and misshapen tensor', async () => {
    const tensors = tensorsOf('resnet18')
    tensors.delete('layer3.1.bn2.running_var')
    tensors.set('layer9.weight', { shape: [1], data: new Float32Array(1) })
    tensors.set('conv1.weight', { shape: [64, 1, 7, 7], data: new Float32Array(64 * 49) })
    await expect(loadBackbone('resnet18', { init: await fileOf(tensors) })).rejects.toMatchObject({
      code: 'weights-mismatch',
      message: expect.stringMatching(
        /missing layer3\.1\.bn2\.running_var; misshapen conv1\.weight is \[64,1,7,7\], \[64,3,7,7\] expected; surplus layer9\.weight/,
      ) as string,
    })
  })

  it('say of one that can only be frozen which others can be fine-tuned', async () => {
    await expect(loadTrainable('starter')).rejects.toMatchObject({
      code: 'backbone-frozen',
      message: expect.stringContaining('efficientnet-lite0, vgg16, resnet18') as string,
    })
  })
})
