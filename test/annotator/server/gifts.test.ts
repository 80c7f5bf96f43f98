import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { CONSENT } from '../../../data/records/consent.ts'
import { readSplit } from '../../../data/splits/keep.ts'
import { acquireLock } from '../../../data/workspace/locks.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { writeDicom } from '../../data/dicom/write-dicom.ts'
import { smallWorkspace, startDesk } from './desk-under-test.ts'

const SIDE = 96
/** A bright square in the dark, as a body lies in air; written over its first rows a line as bright as bone. */
const units = Int16Array.from({ length: SIDE * SIDE }, (_, at) => {
  const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
  if (y >= 4 && y < 10) return 2200
  return x > 20 && x < 76 && y > 20 && y < 76 ? 1024 + ((x * y) % 60) : 24
})
const dicom = (elements = {}) =>
  writeDicom({
    width: SIDE,
    height: SIDE,
    samples: units,
    elements: { '0010,0010': ['PN', 'Doe^Jane'], '0008,0020': ['DA', '20200311'], ...elements },
  })
const NAME_LINE = { x: 0, y: 3.5 / SIDE, width: 1, height: 7 / SIDE }
const gift = (bytes: Uint8Array, boxes: unknown[] = [NAME_LINE]) => ({
  picture: Buffer.from(bytes).toString('base64'),
  name: 'jane-doe.dcm',
  boxes,
  wording: CONSENT.wording,
  looked: true,
  agreed: true,
})

const pictures = async ({ paths }: Workspace) => (await readdir(paths.images)).sort()

/** Everything a workspace holds, as one text. */
async function allBytes({ dir }: Workspace): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  const texts = await Promise.all(files.map(file => readFile(join(file.parentPath, file.name), 'latin1')))
  return texts.join('\n')
}

test('a given slice is a case of the pool, black where the boxes were, with its consent and a note of who gave it', async () => {
  const workspace = await smallWorkspace()
  const desk = await startDesk(workspace)
  const client = await desk.personOf('annotator', 'Dr Giver')
  const { account } = (await client.get('/api/me')).body
  const reply = await client.post('/api/diagnose/give', gift(dicom()))
  expect([reply.status, reply.body]).toEqual([201, { case: expect.stringMatching(/^[0-9a-f]{32}$/) }])

  const { case: made } = (await client.get(`/api/case?id=${reply.body.case}`)).body
  expect(made).toMatchObject({
    document: null,
    width: SIDE,
    height: SIDE,
    patient: `given:${made.id}`,
    source: { name: 'given', format: 'given' },
    given: {
      who: account.id,
      at: expect.stringMatching(/^\d{4}-/),
      purpose: CONSENT.purpose,
      wording: 1,
      blackedOut: 1,
    },
  })
  const { history } = (await client.get(`/api/case/history?id=${made.id}`)).body
  expect(history).toMatchObject([
    { name: 'Dr Giver', act: { kind: 'note', text: expect.stringContaining('1 box blacked out') } },
  ])
  const list = (await client.get('/api/cases?limit=50')).body
  expect(list.rows.map((row: { id: string }) => row.id)).toContain(made.id)

  const shown = await sharp(workspace.paths.image(made.imageFile)).raw().toBuffer()
  const kept = await sharp(workspace.paths.image(made.hounsfield.file))
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer()
  const greys = new Uint16Array(kept.buffer, kept.byteOffset, SIDE * SIDE)
  const { slope, intercept } = made.hounsfield
  for (let at = 0; at < SIDE * SIDE; at++) {
    const row = Math.floor(at / SIDE)
    const black = row >= 3 && row < 11
    const unit = slope * greys[at]! + intercept
    if (black) expect([shown[3 * at], unit]).toEqual([0, -2000])
    else expect(unit).toBe(units[at]! - 1024)
  }
  const served = await client.get(`/images/${made.hounsfield.file}`)
  expect([served.status, served.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect((await desk.stranger().get(`/images/${made.hounsfield.file}`)).status).toBe(401)
  expect(await allBytes(workspace)).not.toMatch(/Doe|jane-doe|20200311/)
}, 60_000)

test('a picture that is only diagnosed leaves nothing behind', async () => {
  const workspace = await smallWorkspace()
  const client = await (await startDesk(workspace)).owner()
  const before = await pictures(workspace)
  await client.send('POST', '/api/diagnose?name=jane-doe.dcm', dicom())
  expect(await pictures(workspace)).toEqual(before)
  expect(await allBytes(workspace)).not.toMatch(/Doe|jane-doe/)
}, 60_000)

test.each([
  ['without the tick', { agreed: false }, 400],
  ['without having looked', { looked: false }, 400],
  ['with other words than these', { wording: 99 }, 409],
  ['with a box outside the picture', { boxes: [{ x: 0.5, y: 0, width: 7, height: 1 }] }, 400],
  ['that is none', { picture: Buffer.from('Dear Sir').toString('base64') }, 422],
])('a picture %s is not taken, and nothing is stored', async (_words, change, status) => {
  const workspace = await smallWorkspace()
  const client = await (await startDesk(workspace)).owner()
  const before = await pictures(workspace)
  const reply = await client.post('/api/diagnose/give', { ...gift(dicom()), ...change })
  expect(reply.status).toBe(status)
  expect(await pictures(workspace)).toEqual(before)
  expect(existsSync(workspace.paths.staging)).toBe(false)
  expect((await client.get('/api/cases')).body.total).toBe(6)
})

test('while another writes cases a gift is refused with what to do, and nothing is stored', async () => {
  const workspace = await smallWorkspace()
  const client = await (await startDesk(workspace)).owner()
  const before = await pictures(workspace)
  const lock = await acquireLock(workspace, 'cases', { command: 'lesionloop mine' })
  const refused = await client.post('/api/diagnose/give', gift(dicom()))
  expect([refused.status, refused.body.error.message]).toEqual([
    409,
    expect.stringContaining('give the picture again'),
  ])
  expect(await pictures(workspace)).toEqual(before)
  await lock.release()
  expect((await client.post('/api/diagnose/give', gift(dicom()))).status).toBe(201)
}, 60_000)

test('a given picture gets a side of the split, together with what it doubles', async () => {
  const workspace = await smallWorkspace()
  const client = await (await startDesk(workspace)).owner()
  const { pixels, width, height } = phantomSlice('doubled', { covid: true, lesions: ['GGO'], width: 300 })
  const png = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
  const first = await client.post('/api/diagnose/give', gift(png, []))
  const second = await client.post(
    '/api/diagnose/give',
    gift(png, [{ x: 0.3, y: 0.45, width: 0.06, height: 0.03 }]),
  )
  expect([first.status, second.status]).toEqual([201, 201])
  expect(second.body.case).not.toBe(first.body.case)
  await expect
    .poll(
      async () => {
        const split = await readSplit(workspace)
        const [one, other] = [first, second].map(({ body }) => split?.cases[body.case])
        return one !== undefined && one.side === other?.side && one.group === other.group
      },
      { timeout: 50_000, interval: 200 },
    )
    .toBe(true)
}, 90_000)

test('the same picture is given once', async () => {
  const client = await (await startDesk(await smallWorkspace())).owner()
  const first = await client.post('/api/diagnose/give', gift(dicom()))
  const second = await client.post('/api/diagnose/give', gift(dicom()))
  expect([first.status, second.status]).toEqual([201, 409])
  expect(second.body.error).toMatchObject({ code: 'gift-known', details: { case: first.body.case } })
  expect((await client.get('/api/cases')).body.total).toBe(7)
}, 60_000)

test('a PNG is given without units', async () => {
  const client = await (await startDesk(await smallWorkspace())).owner()
  const grey = Uint8Array.from(units, unit => Math.min(255, unit / 9))
  const png = await sharp(grey, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .png()
    .toBuffer()
  const { status, body } = await client.post('/api/diagnose/give', gift(png, []))
  expect(status).toBe(201)
  const { case: made } = (await client.get(`/api/case?id=${body.case}`)).body
  expect(made).not.toHaveProperty('hounsfield')
  expect(made.given.blackedOut).toBe(0)
}, 60_000)
