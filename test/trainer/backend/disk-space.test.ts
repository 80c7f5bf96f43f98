import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { expectRoom, withDiskFull } from '../../../trainer/backend/install/disk-space.ts'

it.skipIf(!existsSync('/dev/full'))(
  'a disk that fills up while writing is told with what to do',
  async () => {
    await expect(withDiskFull('/cache', () => writeFile('/dev/full', 'x'))).rejects.toMatchObject({
      code: 'disk-full',
      message:
        'disk: /cache: it filled up while writing; make room and run it again (what came is kept), or name another place with LESIONLOOP_CACHE',
    })
  },
)

it('any other fault stays what it is', async () => {
  const writing = withDiskFull('/cache', () => writeFile('/nonexistent/file', 'x'))
  await expect(writing).rejects.toMatchObject({ code: 'ENOENT' })
})

it('room is asked of the disk itself', async () => {
  await expect(expectRoom(tmpdir(), 1)).resolves.toBeUndefined()
  await expect(expectRoom(tmpdir(), 1e18)).rejects.toMatchObject({ code: 'disk-full' })
})
