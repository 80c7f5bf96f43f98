import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { inject } from 'vitest'

/** A folder that is filled once a run of the tests, by whichever file asks first; the others wait for it and copy it. */
export async function onceARun(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const ready = join(inject('runFolder'), name)
  const making = `${ready}-making`
  while (!existsSync(ready)) {
    const isOurs = await mkdir(making).then(
      () => true,
      () => false,
    )
    if (!isOurs) await wait(50)
    else
      try {
        await fill(making)
        await rename(making, ready)
      } finally {
        // After a failure the next who asks tries again.
        await rm(making, { recursive: true, force: true })
      }
  }
  return ready
}
