import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CaseReply, CycleReply, QueueReply } from '../../annotator/server/replies.ts'
import type { CycleMetrics, CycleRecord, QueueEntry } from '../../data/records/cycle.ts'
import { LESIONS, perLesion } from '../../data/records/vocabulary.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { Client } from '../annotator/server/desk-under-test.ts'
import { type Run, runCli } from '../cli/run-cli.ts'
import { hasRealData, realData } from '../real-data.ts'

/**
 * One whole turn of the loop on real input, by the built command line and over real HTTP: import COVID-CT, mine the
 * nine papers, train, rank, correct ten cases, train again, export.
 */
describe.skipIf(!hasRealData())('the loop on real input', () => {
  let dir: string
  let workspace: string
  let server: ChildProcess | undefined
  let client: Client
  let reader: string
  const corrected: string[] = []

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'lesionloop-loop-'))
    workspace = join(dir, 'workspace')
  })
  afterAll(async () => {
    if (server && server.exitCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
    rmSync(dir, { recursive: true, force: true })
  })

  const run = async (...args: string[]): Promise<Run> => {
    const outcome = await runCli([...args, '--workspace', workspace])
    if (outcome.status !== 0) console.error(outcome.err)
    return outcome
  }
  const readCycle = (id: string) =>
    JSON.parse(readFileSync(join(workspace, 'cycles', id, 'cycle.json'), 'utf8')) as CycleRecord
  const linesOf = <T>(...path: string[]) =>
    readFileSync(join(...path), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as T)

  test('COVID-CT comes in with its labels and split, and its faults are reported', async () => {
    // Doubles are looked for in test/cli/check-covid-ct.test.ts: it takes as long as all else here.
    const { status, out } = await run(
      'import',
      'covid-ct',
      join(realData, 'covid-ct'),
      '--no-duplicates',
      '--json',
    )
    expect(status).toBe(0)
    const result = JSON.parse(out) as {
      imported: number
      rejected: unknown[]
      warnings: { message: string }[]
    }
    expect(result.imported).toBe(746)
    expect(result.rejected).toEqual([])
    const said = result.warnings.map(warning => warning.message).join('\n')
    expect(said).toMatch(/7 images published as positive: their own caption says negative/)
    for (const paper of ['2020.03.22.20040782', '2020.03.12.20034686', '2020.03.13.20035212'])
      expect(said).toMatch(new RegExp(`${paper}: on more than one side`))
    expect(said).toMatch(/val: no positive of CrPa, AirBr, InSepThi/)
    expect(said).toMatch(/test: no positive of InSepThi/)
    expect(said).toMatch(/111 of 349 COVID images: no lesion label/)
  })

  test('the nine papers are mined into the same workspace', async () => {
    const { status, out } = await run('mine', join(realData, 'pdfs'), '--no-duplicates', '--json')
    expect(status).toBe(0)
    const result = JSON.parse(out) as { mined: number; figures: number; cases: number; rejected: unknown[] }
    expect(result).toMatchObject({ mined: 9, rejected: [] })
    expect(result.figures).toBeGreaterThanOrEqual(58)
    // None of the nine shows a CT: the two figures of COVIDNet_CXR.pdf that the gold calls `ct` are radiographs, as
    // their captions say ("Example CXR images").
    expect(result.cases).toBe(0)
    const listed = readdirSync(join(workspace, 'documents'))
    expect(listed.length).toBeGreaterThanOrEqual(9)
  })

  test('the first cycle on frozen EfficientNet-Lite0 features reaches a test AUC of 0.85', async () => {
    const weights = join(realData, 'weights', 'tf_efficientnet_lite0.safetensors')
    const { status } = await run('cycle', '--backbone', 'efficientnet-lite0', '--init', weights)
    expect(status).toBe(0)
    const folder = join(workspace, 'cycles', '0001')
    const metrics = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8')) as CycleMetrics
    const auc = metrics.flag.test!['auc']!
    console.log(
      `COVID flag, official test split: AUC ${auc.value!.toFixed(3)} (95 % bootstrap by group ${auc.low!.toFixed(3)} to ${auc.high!.toFixed(3)}; ${auc.positives} of ${auc.n} positive)`,
    )
    expect(auc).toMatchObject({ n: 203, positives: 98 })
    expect(auc.value).toBeGreaterThanOrEqual(0.85)
    expect(metrics.lesions.test!.InSepThi['auc']).toMatchObject({ value: null })
    const { learnedFrom, files } = readCycle('0001')
    expect(learnedFrom.sources['expert'] ?? 0).toBe(0)
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['metrics.json', 'predictions.jsonl', 'queue.jsonl', 'report.html']),
    )
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).not.toMatch(/<script/i)
  })

  test('the pool is ranked, each case once, with its reason in words, and no case of validation or test', () => {
    const queue = linesOf<QueueEntry>(workspace, 'cycles', '0001', 'queue.jsonl')
    const toRead = queue.filter(entry => entry.queue === undefined || entry.queue === 'audit')
    expect(toRead.length).toBeGreaterThanOrEqual(425)
    expect(new Set(toRead.map(entry => entry.case)).size).toBe(toRead.length)
    for (const entry of queue) expect(entry.why).toMatch(/\w+ .+/)
    const split = JSON.parse(readFileSync(join(workspace, 'splits.json'), 'utf8')) as {
      cases: Record<string, { side: string }>
    }
    for (const entry of queue) expect(['val', 'test']).not.toContain(split.cases[entry.case]?.side)
  })

  test('ten cases of the queue are corrected over HTTP', async () => {
    server = spawn(
      process.execPath,
      [packagePath('dist', 'cli.js'), 'serve', '--workspace', workspace, '--port', '0', '--json'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string]
    const { url, loginLink } = JSON.parse(line) as { url: string; loginLink: string }
    client = new Client(url)
    const login = await client.post('/api/login', { token: loginLink.split('#')[1], name: 'A. Reader' })
    expect(login.status).toBe(200)
    reader = (await client.get('/api/me')).body.account.id
    expect(reader).not.toBe('')

    const { body: queue } = (await client.get('/api/queue?limit=10')) as { body: QueueReply }
    expect(queue.rows).toHaveLength(10)
    for (const row of queue.rows) {
      const { body } = (await client.get(`/api/case?id=${encodeURIComponent(row.case)}`)) as {
        body: CaseReply
      }
      const { truth, version } = body.case
      // The opposite of what stands, so that every correction changes what there is to learn.
      const flag = truth.flag.value === 'positive' ? 'negative' : 'positive'
      const lesions = perLesion(lesion => (truth.lesions[lesion].value === 'present' ? 'absent' : 'present'))
      const answer = await client.act(row.case, version, { kind: 'label', flag, lesions })
      expect(answer.status).toBe(200)
      corrected.push(row.case)
    }
    expect(linesOf(workspace, 'labels', 'journal.jsonl')).toHaveLength(10)
  })

  test('a second cycle, started from the desk, learns from the corrections and asks other questions', async () => {
    const started = await client.post('/api/jobs/cycle', {})
    expect(started.status).toBeLessThan(300)
    const { id } = started.body.job as { id: string }
    await expect
      .poll(async () => (await client.get(`/api/jobs/${id}`)).body.job.state, {
        timeout: 300_000,
        interval: 500,
      })
      .not.toBe('running')
    const { job } = (await client.get(`/api/jobs/${id}`)).body
    expect(job).toMatchObject({ state: 'done' })
    const [first, second] = [readCycle('0001'), readCycle('0002')]
    expect(second.backbone.name).toBe('efficientnet-lite0')
    expect(second.learnedFrom.labels).not.toBe(first.learnedFrom.labels)
    expect(second.learnedFrom.sources['expert']).toBe(10 * (1 + LESIONS.length))
    expect(second.learnedFrom.journalSeq).toBe(10)
    // A corrected label may be doubted in turn: the queue of labels is no reading of it again.
    const asked = linesOf<QueueEntry>(workspace, 'cycles', '0002', 'queue.jsonl')
      .filter(entry => entry.queue !== 'labels')
      .map(entry => entry.case)
    for (const id of corrected) expect(asked).not.toContain(id)
    const { body } = (await client.get('/api/cycles/0002')) as { body: CycleReply }
    expect(body.metrics!.flag.test!['auc']!.value).toBeGreaterThan(0.8)
  })

  test.each(['jsonl', 'csv', 'label-studio'])('%s goes out with the corrections in it', async format => {
    const out = join(dir, `${format}.${format === 'label-studio' ? 'json' : format}`)
    const { status } = await run('export', format, out)
    expect(status).toBe(0)
    const text = readFileSync(out, 'utf8')
    // Not `toContain`: a failure would print the whole export.
    for (const id of corrected) expect(text.includes(id), id).toBe(true)
    expect(text.includes(reader), 'the annotator').toBe(true)
    if (format === 'jsonl') {
      const rows = text.split('\n').filter(Boolean)
      expect(rows.length).toBe(746)
    }
  })

  test('doctor finds the workspace sound', async () => {
    const { status, out } = await run('doctor')
    expect(out).not.toMatch(/^NO /m)
    expect(status).toBe(0)
  })
})
