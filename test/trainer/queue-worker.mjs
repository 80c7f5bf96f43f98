/**
 * A worker as `lesionloop worker --kinds predict,train` is one, with short waits: what takes half a minute in life takes
 * a moment in a test. Arguments: the workspace's folder, the database, `gpu` or `no-gpu`, kinds. Says "ready".
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const dist = join(import.meta.dirname, '..', '..', 'dist')
const load = path => import(pathToFileURL(join(dist, path)).href)
const [dir, database, gpu, kinds] = process.argv.slice(2)
const { openWorkspace } = await load('data/workspace/open.js')
const { openWorker } = await load('data/jobs/queue/worker.js')
const { pictureHandlers } = await load('data/jobs/queue/picture-work.js')
process.env.LESIONLOOP_DATABASE = database
const worker = await openWorker(await openWorkspace(dir), {
  kinds: kinds.split(','),
  gpu: gpu === 'gpu',
  handlers: pictureHandlers,
  timing: { pollMs: 100, retryMs: 10, beatMs: 300, deadMs: 3000, sweepMs: 300, graceMs: 2000 },
  say: line => process.stdout.write(`${line}\n`),
})
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)))
process.stdout.write('ready\n')
