import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { openTerminal, runVerb } from './terminal.ts'

/** A backend that can be installed. */
async function addonBackend(wanted: string) {
  const { ADDON_BACKENDS } = await import('../trainer/backend/install/libraries.ts')
  const name = ADDON_BACKENDS.find(known => known === wanted)
  if (!name)
    throw new LesionloopError(
      'usage',
      `backend: ${wanted}: expected ${ADDON_BACKENDS.join(' or ')}; wasm and cpu come with lesionloop`,
    )
  return name
}

const install = defineCommand({
  meta: {
    name: 'install',
    description:
      'Put the native or GPU backend into your cache: libtensorflow from a wheel, the addon compiled here',
  },
  args: {
    backend: { type: 'positional', required: true, description: 'native or gpu' },
    index: {
      type: 'string',
      description: "package index; else LESIONLOOP_INDEX, pip's own setting, the public one",
    },
    from: { type: 'string', description: 'a folder of wheels brought along, looked into first' },
    json: { type: 'boolean', description: 'print the outcome as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const name = await addonBackend(args.backend)
      const { installBackend } = await import('../trainer/backend/install/install.ts')
      const done = await installBackend(name, {
        signal: terminal.signal,
        onProgress: terminal.progress,
        ...(args.index ? { index: args.index } : {}),
        ...(args.from ? { from: args.from } : {}),
      })
      const { listBackends } = await import('../trainer/backend/install/inventory.ts')
      const obstacles = listBackends().find(({ backend }) => backend === name)?.obstacles ?? []
      if (terminal.json) terminal.result({ ...done, obstacles })
      else {
        terminal.print(
          `${name}: TensorFlow ${done.tensorflow} ${done.already ? `is there already${done.by === 'npm' ? ', by npm' : ''}` : 'installed'}: ${done.folder}`,
        )
        // Installed is not yet usable: a GPU wants its driver too.
        for (const obstacle of obstacles) terminal.say(`${name}: ${obstacle}`)
      }
      return undefined
    })
  },
})

const list = defineCommand({
  meta: { name: 'list', description: 'What is there, which backend would be taken, and why no better one' },
  args: { json: { type: 'boolean', description: 'print it as JSON' } },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { listBackends } = await import('../trainer/backend/install/inventory.ts')
      const { chooseBackend } = await import('../trainer/backend/choose-backend.ts')
      const backends = listBackends()
      const taken = await chooseBackend('auto')
      if (terminal.json) terminal.result({ backends, taken })
      else {
        for (const { backend, state, tensorflow, bytes, folder, obstacles } of backends) {
          const what = {
            installed: `TensorFlow ${tensorflow}, ${(bytes / 1e9).toFixed(1)} GB`,
            npm: 'by npm',
          }
          const words = state === 'installed' || state === 'npm' ? what[state] : state
          terminal.print(`${backend.padEnd(7)} ${[words, folder, ...obstacles].filter(Boolean).join('; ')}`)
        }
        terminal.print(`taken   ${taken.reason}`)
      }
      return undefined
    })
  },
})

const remove = defineCommand({
  meta: { name: 'remove', description: 'Take an installed backend out of your cache' },
  args: {
    backend: { type: 'positional', required: true, description: 'native or gpu' },
    json: { type: 'boolean', description: 'print the outcome as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const name = await addonBackend(args.backend)
      const { removeBackend } = await import('../trainer/backend/install/install.ts')
      const removed = await removeBackend(name)
      if (terminal.json) terminal.result({ backend: name, removed })
      else terminal.print(`${name}: ${removed ? 'removed' : 'was not installed'}`)
      return undefined
    })
  },
})

export default defineCommand({
  meta: { name: 'backend', description: 'Install, list and remove the native and GPU backends' },
  subCommands: { install, list, remove },
})
