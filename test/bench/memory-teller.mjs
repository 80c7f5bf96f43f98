/** Loaded into the server by load-memory.mjs: collects garbage and tells what is left, when it is asked. */
import { setFlagsFromString, writeHeapSnapshot } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

process.on('message', async ({ snapshot }) => {
  // What waits for finalizers goes with the second or third collection.
  for (let time = 0; time < 3; time++) {
    collect()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  if (snapshot) writeHeapSnapshot(snapshot)
  process.send(process.memoryUsage())
})
process.channel.unref()
