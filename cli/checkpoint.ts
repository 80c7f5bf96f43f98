import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

const onnx = defineCommand({
  meta: {
    name: 'onnx',
    description: 'Write a fine-tuned network as ONNX, for other runtimes (research use only)',
  },
  args: {
    file: { type: 'positional', required: true, description: 'checkpoint of train --fit finetune' },
    out: { type: 'positional', required: true, description: 'the .onnx file to write' },
    json: { type: 'boolean', description: 'print the outcome as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { readNetwork } = await import('../trainer/model/network-checkpoint.ts')
      const { networkToOnnx } = await import('../trainer/export/onnx/export-network.ts')
      const { OPSET } = await import('../trainer/export/onnx/model-proto.ts')
      const { nodeFiles, writeFileAtomically } = await import('../data/workspace/files.ts')
      const network = await readNetwork(args.file)
      const bytes = await networkToOnnx(network)
      await writeFileAtomically(nodeFiles, args.out, bytes)
      const { size } = network.configuration.preprocessing
      const done = {
        file: args.out,
        bytes: bytes.length,
        opset: OPSET,
        backbone: network.backbone.name,
        size,
      }
      if (terminal.json) terminal.result(done)
      else
        terminal.print(
          `${args.out}: ${done.backbone}, pictures of ${size} × ${size}, ONNX operator set ${OPSET}, ${(bytes.length / 1e6).toFixed(1)} MB`,
        )
      return undefined
    })
  },
})

const show = defineCommand({
  meta: { name: 'show', description: 'What a fine-tuned network is and how it was trained' },
  args: {
    file: { type: 'positional', required: true, description: 'checkpoint of train --fit finetune' },
    json: { type: 'boolean', description: 'print its whole configuration as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { readNetwork } = await import('../trainer/model/network-checkpoint.ts')
      const { configuration, tensors } = await readNetwork(args.file)
      if (terminal.json) terminal.result(configuration)
      else {
        const { backbone, preprocessing, loss, lambda, weights, heads } = configuration
        const parameters = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)
        terminal.print(
          `${backbone}, ${(parameters / 1e6).toFixed(1)} M parameters, pictures of ${preprocessing.size} × ${preprocessing.size}; began as ${weights}; loss ${loss}, λ ${lambda}`,
        )
        for (const { head, constant, calibrator, threshold } of heads) {
          const how = constant === null ? (calibrator?.kind ?? 'not calibrated') : `not learned: ${constant}`
          terminal.print(`  ${head.padEnd(9)} ${how}, operating point ${threshold?.toFixed(3) ?? 'none'}`)
        }
      }
      return undefined
    })
  },
})

export default defineCommand({
  meta: { name: 'checkpoint', description: 'Show a fine-tuned network, or hand it on as ONNX' },
  subCommands: { onnx, show },
})
