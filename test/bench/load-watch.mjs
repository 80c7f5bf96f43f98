/** What goes on beside the annotators: the server's memory, its slowest sign of life, and what the machine itself takes. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, spent } from './annotator-server-process.mjs'

const LIFE_MS = 10
const YARDSTICK_MS = 100
const MEMORY_MS = 1000

/**
 * Watches until `stop`, which gives in ms: `held`, how long each sign of life took (asked every 10 ms: what the event
 * loop was held, and the machine's own delay); `fsync`, an append of a line with fsync by the bench itself; `plain`, the
 * same asked of a plain node:http server; and the server's memory in MB each second, with its processor time.
 */
export async function watch({ server, plain, dir }) {
  const seen = { held: [], fsync: [], plain: [], memory: [] }
  const life = connect(server.url)
  const other = connect(plain.url)
  const file = await open(join(dir, 'yardstick'), 'a')
  const line = Buffer.alloc(300, 'x')
  const cpu = spent(server.child.pid).cpu
  const began = performance.now()
  let watching = true
  const every = async (ms, look) => {
    while (watching) {
      await look()
      await new Promise(resolve => setTimeout(resolve, ms))
    }
  }
  const all = Promise.all([
    every(LIFE_MS, async () => seen.held.push((await life.send('GET', '/health')).ms)),
    every(YARDSTICK_MS, async () => {
      const at = performance.now()
      await file.write(line)
      await file.sync()
      seen.fsync.push(performance.now() - at)
    }),
    every(YARDSTICK_MS, async () =>
      seen.plain.push((await other.send('POST', '/', { op: 'plain', text: 'x'.repeat(250) })).ms),
    ),
    every(MEMORY_MS, async () =>
      seen.memory.push([(performance.now() - began) / 1000, spent(server.child.pid).memory]),
    ),
  ])
  return {
    stop: async () => {
      watching = false
      await all
      life.close()
      other.close()
      await file.close()
      const seconds = (performance.now() - began) / 1000
      return { ...seen, cpuShare: (spent(server.child.pid).cpu - cpu) / 1000 / seconds }
    },
  }
}
