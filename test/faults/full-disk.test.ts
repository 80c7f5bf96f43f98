import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../data/demo/truth.ts'
import { replay } from '../../data/journal/replay.ts'
import { renewSplit } from '../../data/splits/keep.ts'
import { openStore } from '../../data/stores/open.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { caseId, LABEL, smallWorkspace } from '../annotator/server/desk-under-test.ts'
import { runCli } from '../cli/run-cli.ts'
import { temporaryFolder } from '../data/stores/sample.ts'
import { DetailsServer, pdfBytes } from '../extractor/fetch/details-server.ts'
import { isLong, measured } from '../long.ts'
import { fillWithPhantoms } from '../trainer/phantom-cases.ts'
import { isBuilt, loggedIn, serve } from './served.ts'
import { canMount, type SmallDisk, smallDisk } from './small-disk.ts'

const KB = 1024
/** Bytes left on the disk: the shortage meets the run at another place each time. */
const LEFT = isLong ? [0, 4, 16, 32, 64, 128, 256, 512].map(kb => kb * KB) : [16 * KB]
/** The system's own words and ours: in one line, with what to do. */
const FULL = /disk is full|disk: full|ENOSPC/

/** Files of writers that were stopped half-way. */
const halves = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.tmp$|\.partial$|\.part$/.test(name),
  )

/** Runs a command for each shortage; gives how often it was refused. `sound` looks at what stands after each. */
async function short(disk: SmallDisk, args: string[], sound: () => unknown): Promise<number> {
  let refused = 0
  for (const bytes of LEFT) {
    disk.leave(bytes)
    const { status, err } = await runCli(args)
    if (status === 0) break
    refused++
    expect(err).toMatch(FULL)
    expect(err).not.toMatch(/^\s+at /m)
    expect(halves(disk.dir)).toEqual([])
    await sound()
  }
  disk.makeRoom()
  return refused
}

describe.skipIf(!isBuilt() || !canMount())('on a disk that is really full', () => {
  test('a save is refused in words, later ones go on once there is room, and none that was acknowledged is lost', async () => {
    const workspace = await smallWorkspace()
    const disk = smallDisk(3000, workspace.dir)
    const served = await serve(disk.dir)
    const client = await loggedIn(served)
    const acknowledged: string[] = []
    let base = 0
    let refused = 0
    const save = async () => {
      const op = `operation-${base}-${refused}`
      const answer = await client.act(caseId(1, 'A'), base, LABEL, op)
      if (answer.status === 200) {
        base++
        acknowledged.push(op)
      } else {
        expect([answer.status, answer.body.error.code]).toEqual([507, 'disk-full'])
        expect(answer.body.error.message).toMatch(/disk: full: nothing was saved; free some space/)
        refused++
      }
      return answer.status
    }
    expect(await save()).toBe(200)
    for (let round = 1; round <= (isLong ? 10 : 2); round++) {
      disk.leave(0)
      for (let tries = 0; refused < 3 * round && tries < 100; tries++) await save()
      expect(refused).toBe(3 * round)
      disk.makeRoom()
      expect(await save()).toBe(200)
    }
    served.server.kill('SIGKILL')
    const written: string[] = []
    const found = replay(readFileSync(join(disk.dir, 'labels', 'journal.jsonl')), act => written.push(act.op))
    expect(written).toEqual(acknowledged)
    expect([found.damaged, found.missing, found.torn]).toEqual([[], [], undefined])
    measured(`saves: ${acknowledged.length} acknowledged, ${refused} refused with 507, none lost`)
  })

  test('mine ends with a clear error and no half file, and goes on once there is room', async () => {
    const disk = smallDisk(6000)
    const paths = readCorpusTruth()
      .documents.slice(0, isLong ? 3 : 2)
      .map(({ file }) => join(corpusFolder(), file))
    const args = ['mine', '--workspace', join(disk.dir, 'w'), ...paths]
    const refused = await short(disk, args, () => undefined)
    expect(refused).toBeGreaterThan(0)
    const { status, err } = await runCli(args)
    expect([status, err.match(FULL)]).toEqual([0, null])
    const whole = join(await temporaryFolder(), 'w')
    expect(await runCli(['mine', '--workspace', whole, ...paths])).toMatchObject({ status: 0 })
    const casesOf = async (dir: string) => {
      const store = await openStore(await openWorkspace(dir))
      const ids: string[] = []
      for await (const { id } of store.cases.all()) ids.push(id)
      await store.close()
      return ids.sort()
    }
    expect(await casesOf(join(disk.dir, 'w'))).toEqual(await casesOf(whole))
    measured(`mine: ${refused} runs without room, then the same cases as a run with room`)
  }, 300_000)

  test('cycle leaves no folder of a cycle, and the next run seals the first', async () => {
    const disk = smallDisk(8000)
    const workspace = await openWorkspace(join(disk.dir, 'w'), { create: true })
    await fillWithPhantoms(workspace, 12)
    const store = await openStore(workspace)
    await renewSplit(workspace, store.cases.all())
    await store.close()
    const quick = '--backend wasm --samples 50 --epochs 20 --penalties 30 --lambdas 0.3'.split(' ')
    const args = ['cycle', '--workspace', workspace.dir, ...quick]
    const { cycles } = workspace.paths
    const numbered = () => (existsSync(cycles) ? readdirSync(cycles).filter(name => /^\d+$/.test(name)) : [])
    const refused = await short(disk, args, () => expect(numbered()).toEqual([]))
    expect(refused).toBeGreaterThan(0)
    if (numbered().length === 0) expect((await runCli(args)).status).toBe(0)
    expect(numbered()).toEqual(['0001'])
    expect((await runCli(['doctor', '--workspace', workspace.dir])).status).toBe(0)
    measured(`cycle: ${refused} runs without room, then sealed`)
  }, 300_000)

  test.each([
    ['csv', 'cases.csv'],
    ['parquet', 'cases.parquet'],
    ['imagefolder', ''],
  ])(
    'each file of an export as %s is there whole or not at all, its checksums last',
    async (format, name) => {
      const workspace = await smallWorkspace()
      const exported = (folder: string) => [
        'export',
        format,
        join(folder, 'out', name),
        '--workspace',
        workspace.dir,
      ]
      const whole = await temporaryFolder()
      expect((await runCli(exported(whole))).status).toBe(0)
      const files = (dir: string) =>
        readdirSync(dir, { recursive: true, withFileTypes: true })
          .filter(entry => entry.isFile() && entry.name !== 'ballast')
          .map(entry => relative(dir, join(entry.parentPath, entry.name)))
          .sort()
      const disk = smallDisk(3000)
      const args = exported(disk.dir)
      const refused = await short(disk, args, () => {
        const there = files(disk.dir)
        for (const file of there)
          expect([file, readFileSync(join(disk.dir, file), 'latin1')]).toEqual([
            file,
            readFileSync(join(whole, file), 'latin1'),
          ])
        expect(there.length).toBeLessThan(files(whole).length)
      })
      expect(refused).toBeGreaterThan(0)
      expect((await runCli(args)).status).toBe(0)
      expect(files(disk.dir)).toEqual(files(whole))
    },
    120_000,
  )

  test('a backup is listed whole or not at all', async () => {
    const workspace = await smallWorkspace()
    const disk = smallDisk(3000)
    const dir = join(disk.dir, 'backups')
    const args = ['backup', dir, '--workspace', workspace.dir]
    const refused = await short(disk, args, async () => {
      const root = join(await temporaryFolder(), 'restored')
      expect((await runCli(['restore', dir, '--workspace', root])).status).toBe(1)
      expect(existsSync(root)).toBe(false)
    })
    expect(refused).toBeGreaterThan(0)
    expect((await runCli(args)).status).toBe(0)
    const root = join(await temporaryFolder(), 'restored')
    expect((await runCli(['restore', dir, '--workspace', root])).status).toBe(0)
  }, 120_000)

  test('fetch keeps no half PDF, and fetches it once there is room', async () => {
    const server = new DetailsServer()
    const base = await server.start()
    try {
      // Larger than what is left in the short form, so that the disk is full in the middle of it.
      const pdf = Buffer.concat([pdfBytes(), Buffer.from(`\n%${'x'.repeat(64 * KB)}\n%%EOF\n`)])
      server.post({ doi: '10.1101/2020.05.11.20097901', version: '1', title: 'CT of COVID-19' }, pdf)
      const disk = smallDisk(3000)
      const workspace = await openWorkspace(join(disk.dir, 'w'), { create: true })
      const args = `fetch medrxiv --from 2020-05-01 --to 2020-05-31 --base ${base} --content ${base} --rate 1000 --workspace ${workspace.dir}`
      const pdfs = () =>
        readdirSync(workspace.dir, { recursive: true, encoding: 'utf8' })
          .filter(name => name.endsWith('.pdf'))
          .map(name => readFileSync(join(workspace.dir, name)).equals(Buffer.from(pdf)))
      const refused = await short(disk, args.split(' '), () => expect(pdfs()).not.toContain(false))
      expect(refused).toBeGreaterThan(0)
      expect((await runCli(args.split(' '))).status).toBe(0)
      expect(pdfs()).toEqual([true])
    } finally {
      server.stop()
    }
  }, 120_000)
})
