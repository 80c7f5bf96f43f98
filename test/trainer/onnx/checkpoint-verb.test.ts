import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { runCli } from '../../cli/run-cli.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { noiseNetworkFile } from './noise-network.ts'

beforeAll(() => chooseBackend('wasm'), 300_000)

it('checkpoint show tells what a network is, and checkpoint onnx writes the same bytes each time', async () => {
  const file = await noiseNetworkFile('efficientnet-lite0', 64)
  const shown = await runCli(['checkpoint', 'show', file])
  expect(shown.out).toContain('efficientnet-lite0, 3.4 M parameters, pictures of 64 × 64; began as noise')
  expect(shown.out).toMatch(/^ {2}InSepThi +not learned: 0\.1, operating point none$/m)
  const folder = await temporaryFolder()
  const written = []
  for (const name of ['one.onnx', 'other.onnx']) {
    const { status, out } = await runCli(['checkpoint', 'onnx', file, join(folder, name)])
    expect(status).toBe(0)
    expect(out).toMatch(/efficientnet-lite0, pictures of 64 × 64, ONNX operator set 17, 13\.\d MB$/m)
    written.push(await readFile(join(folder, name)))
  }
  expect(written[0]!.equals(written[1]!)).toBe(true)
})

it('checkpoint onnx says what it wants where the file is no network of ours', async () => {
  const file = join(await temporaryFolder(), 'other.safetensors')
  await writeFile(file, Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]))
  const { status, err } = await runCli(['checkpoint', 'onnx', file, `${file}.onnx`])
  expect(err).toMatch(/carries no lesionloop configuration: a network fine-tuned by lesionloop was expected/)
  expect(status).toBe(1)
})
