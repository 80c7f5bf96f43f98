import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sealCycle, smallWorkspace, startDesk } from './desk-under-test.ts'

/** A desk whose verbs are a program that answers as it is told: what is tested is the server's side of the pipe. */
async function deskWithProgram(answer: string) {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  const path = join(workspace.dir, 'program.mjs')
  await writeFile(path, answer)
  return startDesk(workspace, { jobProgram: { command: process.execPath, args: [path] } })
}

const COMPARISON = { before: '0001', after: '0002' }
const PAIR = `/api/comparison?before=${COMPARISON.before}&after=${COMPARISON.after}`

describe('comparison and promotion', () => {
  test("a refusal of the verb arrives as the server's own, code and words", async () => {
    const error = { code: 'cycle-unknown', message: 'cycle: 0002: no sealed cycle of this number' }
    const desk = await deskWithProgram(`console.log(${JSON.stringify(JSON.stringify({ error }))})`)
    const { status, body } = await (await desk.owner()).get(PAIR)
    expect([status, body.error]).toEqual([404, error])
  })

  test('an answer of another shape is refused, with the last words of the program', async () => {
    const desk = await deskWithProgram("console.log('{}'); console.error('out of memory')")
    const { status, body } = await (await desk.owner()).get(PAIR)
    expect([status, body.error.code]).toEqual([422, 'comparison-failed'])
    expect(body.error.message).toContain('out of memory')
  })

  test('a gate may be overruled with a reason only', async () => {
    const desk = await deskWithProgram('process.exit(3)')
    const { status, body } = await (await desk.owner()).post('/api/promotion', { cycle: '0001', force: true })
    expect(status).toBe(400)
    expect(body.error.message).toMatch(/why: a reason is expected/)
  })

  test('a gate that refuses leaves the pointer where it was, and its words reach the page', async () => {
    const message = 'promote: cycle 0001 is refused: GGO: clearly worse'
    const desk = await deskWithProgram(
      `process.send({ type: 'error', error: { code: 'gate-refused', message: ${JSON.stringify(message)} } }, () => process.disconnect()); process.exitCode = 1`,
    )
    const client = await desk.owner()
    const { status, body } = await client.post('/api/promotion', { cycle: '0001' })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body.error.message).toBe(message)
    expect((await client.get('/api/promotion')).body).toEqual({ promotion: null })
  })

  test('an annotator neither compares nor promotes nor rolls back; who spoke when is no secret', async () => {
    const desk = await deskWithProgram('process.exit(3)')
    const client = await desk.personOf('annotator')
    expect((await client.get(PAIR)).status).toBe(403)
    expect((await client.post('/api/promotion', { cycle: '0001' })).status).toBe(403)
    expect((await client.post('/api/promotion/rollback')).status).toBe(403)
    expect((await client.get('/api/promotion')).status).toBe(200)
  })

  test('a cycle whose folder was changed by hand is told in the list', async () => {
    const desk = await deskWithProgram('process.exit(3)')
    const { body } = await (await desk.owner()).get('/api/cycles')
    expect(body.rows[0].faults.length).toBeGreaterThan(0)
    expect(body.rows[0].faults[0]).toMatch(/: changed since$/)
  })
})
