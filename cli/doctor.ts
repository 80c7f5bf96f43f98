import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { codeOf, messageOf } from '../data/errors.ts'
import type { Check } from '../data/stores/soundness.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { packagePath, packageVersion } from '../data/workspace/package-root.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'doctor', description: 'what is installed, what backend runs, is the workspace sound' },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    repair: {
      type: 'boolean',
      description:
        'mend what can be mended: journal, snapshot, half cycles, dead locks; what is taken out is put aside',
    },
    json: { type: 'boolean', description: 'print the checks as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const checks: Check[] = []
      const tell = (check: Check) => {
        checks.push(check)
        if (!terminal.json)
          terminal.print(`${check.ok ? 'yes' : 'NO '}  ${check.name.padEnd(16)} ${check.message}`)
      }
      tell({ name: 'node', ok: true, message: `${process.version}, lesionloop ${packageVersion()}` })
      tell(pageCheck())
      for (const part of PARTS) tell(await loads(part))
      for (const check of await addonChecks()) tell(check)
      tell(await backendCheck())
      for (const check of await workspaceChecks(args.workspace, args.repair ?? false)) tell(check)
      if (terminal.json) terminal.result(checks)
      return checks.every(check => check.ok)
    })
  },
})

/** Parts with native code or models of their own, each with what it is needed for. */
const PARTS = [
  { name: 'sharp', use: 'reads pictures' },
  { name: '@napi-rs/canvas', use: 'draws PDF pages' },
  { name: 'pdfjs-dist/legacy/build/pdf.mjs', use: 'reads PDFs' },
]

async function loads({ name, use }: { name: string; use: string }): Promise<Check> {
  const label = name.split('/build')[0]!.replace('/legacy', '')
  try {
    await import(name)
    return { name: label, ok: true, message: use }
  } catch (error) {
    return { name: label, ok: false, message: `${use}, but does not load (${messageOf(error)}); run npm ci` }
  }
}

function pageCheck(): Check {
  const ok = existsSync(packagePath('dist', 'annotator', 'ui', 'index.html'))
  return {
    name: 'page',
    ok,
    message: ok ? 'the annotator is built' : 'the annotator is not built; run npm run build',
  }
}

/** The backends that can be installed. One that is absent is no fault, one that lies there damaged is. */
async function addonChecks(): Promise<Check[]> {
  const { listBackends } = await import('../trainer/backend/install/inventory.ts')
  return listBackends().map(({ backend, state, tensorflow, folder, obstacles }) => {
    const what = {
      installed: `TensorFlow ${tensorflow} in ${folder}`,
      npm: `installed by npm in ${folder}`,
      damaged: `damaged; run lesionloop backend install ${backend}`,
      absent: `not installed; lesionloop backend install ${backend} puts it in place`,
    }
    return { name: backend, ok: state !== 'damaged', message: [what[state], ...obstacles].join('; ') }
  })
}

async function backendCheck(): Promise<Check> {
  try {
    const { chooseBackend } = await import('../trainer/backend/choose-backend.ts')
    const { reason } = await chooseBackend('auto')
    return { name: 'backend', ok: true, message: reason }
  } catch (error) {
    return { name: 'backend', ok: false, message: messageOf(error) }
  }
}

async function workspaceChecks(folder: string, repair: boolean): Promise<Check[]> {
  const [{ openWorkspace }, { checkWorkspace }] = await Promise.all([
    import('../data/workspace/open.ts'),
    import('../data/stores/soundness.ts'),
  ])
  try {
    const workspace = await openWorkspace(folder)
    const about = { name: 'workspace', ok: true, message: workspace.dir }
    const mended = repair ? await mend(workspace) : []
    return [about, ...mended, ...(await checkWorkspace(workspace))]
  } catch (error) {
    // No workspace yet is where everybody starts.
    return [{ name: 'workspace', ok: codeOf(error) === 'workspace-missing', message: messageOf(error) }]
  }
}

async function mend(workspace: Workspace): Promise<Check[]> {
  const { mendWorkspace } = await import('../data/stores/mend.ts')
  const done = await mendWorkspace(workspace)
  const nothing = { name: 'repair', ok: true, message: 'nothing had to be mended' }
  return done.length === 0
    ? [nothing]
    : done.map(({ name, message }) => ({ name, ok: true, message: `mended: ${message}` }))
}
