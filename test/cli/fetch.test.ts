import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../data/demo/truth.ts'
import { temporaryFolder } from '../data/stores/sample.ts'
import { DetailsServer } from '../extractor/fetch/details-server.ts'
import { runCli } from './run-cli.ts'

const paper = readCorpusTruth().documents[0]!
let server: DetailsServer
let base: string
let workspace: string

beforeEach(async () => {
  server = new DetailsServer()
  base = await server.start()
  workspace = join(await temporaryFolder(), 'w')
})
afterEach(() => server.stop())

const own = () => ['--base', base, '--content', base, '--rate', '1000', '--workspace', workspace]
const search = (...more: string[]) =>
  runCli(['fetch', 'medrxiv', '--from', '2020-05-01', '--to', '2020-05-31', ...own(), ...more])
const post = async (version: string, more: object = {}) => {
  const { doi, title, abstract } = paper
  // Each version is a file of its own: the server prints the version on it.
  const pdf = Buffer.concat([await readFile(join(corpusFolder(), paper.file)), Buffer.from(`% ${version}\n`)])
  server.post({ doi, version, title, abstract, ...more }, pdf)
}

describe('lesionloop fetch', () => {
  it('fetches and mines, takes the next version in, and marks the paper once it is withdrawn', async () => {
    await post('1')
    const first = await search('--query', '"chest ct" covid*', '--mine')
    expect(first.err).not.toMatch(/Error/)
    expect(first.out).toMatch(
      /1 preprints looked at: 0 do not match, 0 withdrawn, 0 there already, 1 fetched/,
    )
    expect(first.out).toMatch(/1 documents mined, 0 already mined: \d+ figures, [1-9]\d* cases/)
    expect(first.status).toBe(0)

    await post('2')
    const refreshed = await runCli(['fetch', '--refresh', ...own(), '--json'])
    expect(JSON.parse(refreshed.out)).toMatchObject({ newer: [{ document: `${paper.doi}v1`, version: 2 }] })

    const second = JSON.parse((await search('--mine', '--json')).out)
    const [change] = second.mined.versions
    expect(change).toMatchObject({
      document: `${paper.doi}v2`,
      replaces: [`${paper.doi}v1`],
      added: [],
      gone: [],
    })
    expect(change.carried.length).toBeGreaterThan(0)

    server.post({ doi: paper.doi, version: '3', title: `WITHDRAWN: ${paper.title}`, type: 'withdrawn' })
    const third = await runCli(['fetch', '--refresh', ...own()])
    expect(third.out).toContain(`withdrawn or retracted: ${paper.doi}v2`)
    expect(third.out).toContain(`${paper.doi}v2: its cases are marked as withdrawn`)

    const screening = JSON.parse((await runCli(['screening', '--workspace', workspace, '--json'])).out)
    expect(screening.flow).toMatchObject({ identified: 2, included: 0 })
    const csv = join(workspace, 'screening.csv')
    expect((await runCli(['screening', '--workspace', workspace, '--csv', csv])).out).toMatch(
      /Identified +2\n/,
    )
    expect(await readFile(csv, 'utf8')).toMatch(/^document,title,source,outcome,reason,cases,at\r\n10\.5555/)
  })

  it('refuses what it was not told, with what it expected', async () => {
    const said = async (...args: string[]) => {
      const { status, err } = await runCli(['fetch', ...args, '--workspace', workspace])
      return [status, err.trim()]
    }
    expect(await said('arxiv')).toEqual([2, 'fetch: arxiv: expected medrxiv or biorxiv'])
    expect(await said('medrxiv', '--from', '2020-02-31', '--to', '2020-03-01')).toEqual([
      2,
      'fetch: --from 2020-02-31: expected a day like 2020-05-01',
    ])
    expect(await said('medrxiv', '--from', '2020-03-02', '--to', '2020-03-01')).toMatchObject([
      2,
      expect.stringContaining('is after'),
    ])
    expect(await said('medrxiv', '--list', 'nothing.txt')).toMatchObject([
      1,
      expect.stringContaining('not found'),
    ])
  })
})
