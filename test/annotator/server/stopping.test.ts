import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startServer } from '../../../annotator/server/start.ts'
import { openStore } from '../../../data/stores/open.ts'
import { Passwords, passwordFile } from '../../../data/stores/passwords.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { caseId, newOp, smallWorkspace, startDesk } from './desk-under-test.ts'

describe('stopping the server', () => {
  it('finishes saves that are under way: each one acknowledged is there after', async () => {
    const workspace = await smallWorkspace()
    const { server, owner } = await startDesk(workspace)
    const client = await owner()
    const acknowledged: string[] = []
    const saving = Array.from({ length: 60 }, async (_, index) => {
      const op = newOp()
      const id = caseId(1 + (index % 2), 'ABC'[index % 3]!)
      const act = { kind: 'note', text: String(index) } as const
      // The bases are right where the store takes them in the order in which they were sent.
      const { status } = await client.act(id, Math.floor(index / 6), act, op).catch(() => ({ status: 0 }))
      if (status === 200) acknowledged.push(op)
    })
    await Promise.race(saving)
    await server.close()
    await Promise.all(saving)
    expect(acknowledged.length).toBeGreaterThan(0)
    const store = await openStore(await openWorkspace(workspace.dir))
    const written: string[] = []
    for await (const act of store.acts.read()) written.push(act.op)
    await store.close()
    expect(written).toEqual(expect.arrayContaining(acknowledged))
    expect(new Set(written).size).toBe(written.length)
  })

  it('gives the locks back, so that another can start', async () => {
    const workspace = await smallWorkspace()
    const { server } = await startDesk(workspace)
    await server.close()
    expect(await readdir(workspace.paths.locks)).toEqual([])
    const again = await startServer({ workspace: workspace.dir })
    await again.close()
  })

  it('twice is once', async () => {
    const { server } = await startDesk(await smallWorkspace())
    await Promise.all([server.close(), server.close()])
  })
})

describe('starting the server', () => {
  it('is refused where another one has the workspace, which it names', async () => {
    const workspace = await smallWorkspace()
    await startDesk(workspace)
    await expect(startServer({ workspace: workspace.dir })).rejects.toMatchObject({
      code: 'lock-held',
      message: expect.stringContaining(`pid ${process.pid}`),
    })
  })

  it('takes the next free port where it may, and says so where it may not', async () => {
    const first = await startDesk(await smallWorkspace())
    const taken = Number(new URL(first.server.url).port)
    const other = await smallWorkspace()
    await expect(startServer({ workspace: other.dir, port: taken })).rejects.toMatchObject({
      code: 'port-taken',
    })
    const next = await startDesk(other, { port: { next: taken } })
    expect(Number(new URL(next.server.url).port)).toBeGreaterThan(taken)
  })

  it('without a workspace says how to make one, and leaves nothing', async () => {
    await expect(startServer({ workspace: '/nowhere/at/all' })).rejects.toMatchObject({
      code: 'workspace-missing',
      message: expect.stringContaining('lesionloop demo'),
    })
  })

  it('on an address that is not ours says so', async () => {
    const workspace = await smallWorkspace()
    // Without somebody who can log in, no address but this machine's is tried at all.
    await expect(startServer({ workspace: workspace.dir, host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'no-password',
    })
    const store = await openStore(workspace)
    const account = await store.accounts.add('Ada', 'curator')
    await store.close()
    await new Passwords(passwordFile(workspace)).set(account, 'a long enough password')
    await expect(startServer({ workspace: workspace.dir, host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'host-invalid',
    })
    expect(await readdir(workspace.paths.locks)).toEqual([])
  })

  it('tells its health to anyone, and nothing of the workspace', async () => {
    const { stranger } = await startDesk(await smallWorkspace())
    expect((await stranger().get('/health')).body).toEqual({ status: 'ok', version: expect.any(String) })
    expect((await stranger().get('/ready')).body).toEqual({ ready: true })
  })
})
