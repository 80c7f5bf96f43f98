import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { openStore } from '../../../data/stores/open.ts'
import { checkWorkspace } from '../../../data/stores/soundness.ts'
import { storeImage } from '../../../data/workspace/images.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { sampleCase, temporaryFolder } from './sample.ts'

let workspace: Workspace
let picture: string

beforeEach(async () => {
  workspace = await openWorkspace(join(await temporaryFolder(), 'workspace'), { create: true })
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#456' } })
    .png()
    .toBuffer()
  const image = await storeImage(workspace, png)
  picture = workspace.paths.image(image.file)
  const store = await openStore(workspace, { write: ['cases', 'labels'] })
  const mined = sampleCase({ id: 'd#Figure 1#A', document: 'd', image: image.id, imageFile: image.file })
  await store.cases.put('d', [mined])
  await store.acts.append('ann', {
    op: 'operation-1',
    case: mined.id,
    base: 0,
    act: { kind: 'label', flag: 'positive', lesions: perLesion(() => 'absent') },
  })
  await store.close()
})

function seal(id: string, files: Record<string, string>): void {
  const folder = workspace.paths.cycle(id)
  mkdirSync(folder, { recursive: true })
  const hashes: Record<string, string> = {}
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content)
    hashes[name] = createHash('sha256').update(content).digest('hex')
  }
  writeFileSync(join(folder, 'cycle.json'), JSON.stringify({ id, files: hashes }))
}

/** What is not sound, by the check's name. */
const faults = async () => {
  const checks = await checkWorkspace(workspace)
  return checks.filter(check => !check.ok).map(({ name, message }) => `${name}: ${message}`)
}

describe('the check of a workspace', () => {
  test('finds nothing wrong with a sound one, and counts what is there', async () => {
    seal('0001', { 'metrics.json': '{}' })
    const checks = await checkWorkspace(workspace)
    expect(checks.every(check => check.ok)).toBe(true)
    const said = checks.map(check => check.message).join('\n')
    expect(said).toContain('1 act,')
    expect(said).toContain('1 sealed')
  })

  test('names the first damaged byte of the journal, and what mends it', async () => {
    appendFileSync(workspace.paths.journal, '{"seq":2,"op"')
    expect(await faults()).toEqual([expect.stringMatching(/^journal: 1 fault, .* byte \d+: .*serve/)])
  })

  test('names a case whose picture is gone or empty', async () => {
    rmSync(picture)
    expect(await faults()).toEqual([expect.stringMatching(/^cases: 1 of 1 .*d#Figure 1#A/)])
    writeFileSync(picture, '')
    expect(await faults()).toHaveLength(1)
  })

  test('names a case whose Hounsfield units are gone', async () => {
    const store = await openStore(workspace, { write: ['cases'] })
    const { width, height, ...image } = await storeImage(workspace, readFileSync(picture))
    const hounsfield = { file: `${'0'.repeat(32)}.hu.png`, slope: 1, intercept: -32_768 }
    const mined = sampleCase({
      id: 'slice',
      document: null,
      image: image.id,
      imageFile: image.file,
      hounsfield,
    })
    await store.cases.put('slices', [{ ...mined, width, height }])
    await store.close()
    expect(await faults()).toEqual([expect.stringMatching(/^cases: 1 of 2 .*slice/)])
    writeFileSync(workspace.paths.image(hounsfield.file), 'there')
    expect(await faults()).toEqual([])
  })

  test('names a file of a sealed cycle that was changed or is gone', async () => {
    seal('0001', { 'metrics.json': '{}', 'queue.jsonl': '' })
    writeFileSync(join(workspace.paths.cycle('0001'), 'metrics.json'), '{"auc": 1}')
    rmSync(join(workspace.paths.cycle('0001'), 'queue.jsonl'))
    expect(await faults()).toEqual([
      expect.stringMatching(/^cycles: 0001: metrics.json: changed/),
      expect.stringMatching(/^cycles: 0001: queue.jsonl/),
    ])
  })

  test('names what a killed cycle left behind', async () => {
    mkdirSync(`${workspace.paths.cycle('0001')}.half`, { recursive: true })
    expect(await faults()).toEqual([expect.stringMatching(/^cycles: 0001\.half: not sealed/)])
  })

  test('says who is writing now', async () => {
    const store = await openStore(workspace, { write: ['labels'] })
    const checks = await checkWorkspace(workspace)
    expect(checks.find(check => check.name === 'being written')?.message).toContain(`pid ${process.pid}`)
    await store.close()
  })
})
