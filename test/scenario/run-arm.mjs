/** One strategy at one seed: cycle, read a batch, cycle again, as a team would week after week. */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLI } from './dist.mjs'
import { measureCycle, measureLabelAudit, measureStop } from './measure.mjs'
import { openReadingDesk } from './reading-desk.mjs'

/** Runs a verb of the built command line and gives what it printed as JSON. Status 1 with a result is an answer too. */
export function verb(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', text => (said.out += text))
    child.stderr.setEncoding('utf8').on('data', text => (said.err += text))
    child.on('error', reject)
    child.on('close', status => {
      try {
        resolve({ status, result: JSON.parse(said.out) })
      } catch {
        reject(new Error(`scenario: lesionloop ${args.join(' ')}: ${said.err || said.out}`))
      }
    })
  })
}

/** Mines the demo corpus once; the runs start from copies of it. */
export async function mineCorpus(corpus) {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-scenario-'))
  await verb('mine', corpus, '--workspace', join(dir, 'workspace'))
  return { workspace: join(dir, 'workspace'), clear: () => rm(dir, { recursive: true, force: true }) }
}

/**
 * @param of `cycles` after the first, each with `batch` cases read before it, of which `auditShare` by chance
 * @returns points by cycle, the gate's word on each, the label audit and the stop signals at the end
 */
export async function runArm(mined, shown, of, say) {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-scenario-'))
  const workspace = join(dir, 'workspace')
  const expert = { seed: of.seed, errorRate: of.errorRate }
  try {
    await cp(mined, workspace, { recursive: true })
    const desk = await openReadingDesk(workspace, 'Simulated expert')
    const points = []
    const read = []
    try {
      for (let at = 0; at <= of.cycles; at++) {
        if (at > 0) read.push(...(await desk.read(of.batch, expert, shown)))
        const { result } = await verb(
          ...[
            'cycle',
            '--workspace',
            workspace,
            '--strategy',
            of.strategy,
            '--seed',
            String(100 * of.seed + at),
          ],
          ...['--audit-share', String(of.auditShare), '--samples', String(of.samples)],
        )
        const gate = await promote(workspace, result.cycle)
        const measured = await measureCycle(workspace, result.cycle, shown)
        points.push({ cycle: at, read: read.length, ...measured, gate })
        say(
          `${of.strategy}, seed ${of.seed}, cycle ${at}: ${read.length} read, AUC ${measured.flagAuc.toFixed(3)}`,
        )
      }
    } finally {
      await desk.close()
    }
    const last = String(of.cycles + 1).padStart(4, '0')
    return {
      strategy: of.strategy,
      seed: of.seed,
      points,
      blind: read.filter(one => one.blind).length,
      corrections: read.flatMap(one => one.corrections.map(({ cause }) => cause)),
      labelAudit: await measureLabelAudit(workspace, last, shown),
      stop: await measureStop(workspace, shown),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Asks the gates; a cycle they refuse is not promoted, and the one before goes on speaking for the model. */
async function promote(workspace, cycle) {
  const { status, result } = await verb('promote', cycle, '--workspace', workspace)
  return status === 0 ? { promoted: true } : { promoted: false, why: result.error.message }
}
