import { spawn } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'

interface Arm {
  strategy: string
  points: { cycle: number; read: number; flagAuc: number; missing: number; gate: { promoted: boolean } }[]
  blind: number
  labelAudit: { labels: number; planted: number; suspects: number; found: number }
  stop: { bound: number | null; wrong: number }[]
}

/** The scenario of docs/active-learning in its short form: two cycles, one seed, an expert wrong one time in five. */
describe('two cycles with an expert who errs', () => {
  let arms: Arm[]
  beforeAll(async () => {
    const script = packagePath('test', 'scenario', 'five-cycles.mjs')
    const options = [
      '--cycles',
      '2',
      '--seeds',
      '1',
      '--batch',
      '12',
      '--error',
      '0.2',
      '--samples',
      '0',
      '--json',
    ]
    const child = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'ignore'] })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      out += text
    })
    const status = await new Promise(resolve => child.on('close', resolve))
    expect(status).toBe(0)
    arms = (JSON.parse(out) as { arms: Arm[] }).arms
  })

  test('read what the queue brings up over the real server, and learn from it', () => {
    expect(arms.map(arm => arm.strategy)).toEqual(['balanced', 'random'])
    for (const { points } of arms) {
      expect(points.map(point => point.read)).toEqual([0, 12, 24])
      expect(points[2]!.missing).toBeLessThan(points[0]!.missing)
    }
  })

  test('draw an audit in every batch, which is read blind', () => {
    for (const arm of arms) expect(arm.blind).toBeGreaterThanOrEqual(2)
  })

  test('promote the first cycle, which has nothing to compare with', () => {
    for (const { points } of arms) expect(points[0]!.gate.promoted).toBe(true)
  })

  test("find the expert's errors more often than chance by the label audit", () => {
    const sum = (name: 'labels' | 'planted' | 'suspects' | 'found') =>
      arms.reduce((all, arm) => all + arm.labelAudit[name], 0)
    expect(sum('planted')).toBeGreaterThan(20)
    expect(sum('found') / sum('suspects')).toBeGreaterThan(sum('planted') / sum('labels'))
  })
})
