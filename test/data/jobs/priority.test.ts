import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { expect, it, onTestFinished } from 'vitest'
import { stepBack } from '../../../data/jobs/priority.ts'

/** A process that has threads before it says so, and starts one more when it is told to. */
const PROGRAM = `
  const { Worker } = require('node:worker_threads')
  console.log('here')
  process.stdin.once('data', () => new Worker('setInterval(() => {}, 1000)', { eval: true }).once('online', () => console.log('more')))
`

async function running() {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

it.skipIf(process.platform !== 'linux')(
  'a job and every thread of it, those started later too, stand behind the server',
  async () => {
    const child = await running()
    stepBack(child.pid!)
    child.stdin.write('go')
    await once(child.stdout, 'data')
    const threads = readdirSync(`/proc/${child.pid}/task`).map(Number)
    const lowered = Math.min(19, getPriority(0) + 10)
    expect(threads.length).toBeGreaterThan(2)
    expect(threads.map(thread => getPriority(thread))).toEqual(threads.map(() => lowered))
  },
)

it('a process that is gone is no error', async () => {
  const child = await running()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(() => stepBack(child.pid!)).not.toThrow()
})
