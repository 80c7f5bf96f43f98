import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { LiveModel, type LiveModelOptions } from '../../../annotator/server/live-model.ts'
import { smallWorkspace, startDesk } from './desk-under-test.ts'

/** A process that takes lines as the trainer's does: `slow` is never answered, `die` ends it, the rest is echoed. */
const ECHO = `require('node:readline').createInterface({ input: process.stdin }).on('line', line => {
  const { id, name } = JSON.parse(line)
  if (name === 'die') process.exit(3)
  if (name !== 'slow') console.log(JSON.stringify({ id, ok: true, result: process.pid }))
})`

async function model(options: Partial<LiveModelOptions> = {}) {
  const live = new LiveModel(await smallWorkspace(), {
    program: { command: process.execPath, args: ['-e', ECHO, '--'] },
    ...options,
  })
  onTestFinished(() => live.close())
  const ask = (name: string) => live.ask({ verb: 'diagnose', picture: '', name }, z.number())
  return { live, ask }
}

test('the process is started when it is first asked, and is the same for all', async () => {
  const { live, ask } = await model()
  expect(live.pid).toBeNull()
  const pids = await Promise.all([ask('a'), ask('b'), ask('c')])
  expect(new Set(pids)).toEqual(new Set([live.pid]))
})

test('a crash is told to who waits, and after a pause another process answers', async () => {
  const { ask } = await model({ backoffMs: 50 })
  const first = await ask('a')
  await expect(ask('die')).rejects.toMatchObject({ code: 'live-ended' })
  await expect(ask('b')).rejects.toThrow(/started again in/)
  await wait(80)
  expect(await ask('c')).not.toBe(first)
})

test('a request without an answer ends the process when its time is over', async () => {
  const { ask } = await model({ limitMs: 300, backoffMs: 1 })
  await expect(ask('slow')).rejects.toMatchObject({ code: 'live-slow' })
})

test('an answer of another shape is an error, not an answer', async () => {
  const { live } = await model()
  const asked = live.ask({ verb: 'diagnose', picture: '', name: 'a' }, z.string())
  await expect(asked).rejects.toMatchObject({ code: 'live-answer' })
})

test('closing ends the process, and nothing is asked after', async () => {
  const { live, ask } = await model()
  const pid = await ask('a')
  await live.close()
  expect(() => process.kill(pid, 0)).toThrow()
  await expect(ask('b')).rejects.toMatchObject({ code: 'live-ended' })
})

test('without a model the heat map says to start a cycle, and an empty picture is refused', async () => {
  const desk = await startDesk(await smallWorkspace())
  const owner = await desk.owner()
  const id = (await owner.get('/api/cases')).body.rows[0].id as string
  const map = await owner.get(`/api/case/heat-map?id=${encodeURIComponent(id)}&head=GGO`)
  expect([map.status, map.body.error.code]).toEqual([404, 'no-cycle'])
  const empty = await owner.send('POST', '/api/diagnose', new Uint8Array())
  expect(empty.body.error.code).toBe('image-empty')
})

test('nobody without a session is answered, and a picture of over 20 MB is refused', async () => {
  const desk = await startDesk(await smallWorkspace())
  expect((await desk.stranger().send('POST', '/api/diagnose', new Uint8Array(4))).status).toBe(401)
  const owner = await desk.owner()
  expect((await owner.send('POST', '/api/diagnose', new Uint8Array(21 * 2 ** 20))).status).toBe(413)
})
