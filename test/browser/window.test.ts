import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import { pictureAlone } from '../../data/formats/picture-alone.ts'
import type { MinedCase } from '../../data/records/case.ts'
import { openStore } from '../../data/stores/open.ts'
import { storeImage } from '../../data/workspace/images.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { writeDicom } from '../data/dicom/write-dicom.ts'
import { violations } from './axe.ts'
import { keyToPainted, timeAt } from './painted.ts'
import { inChromium, sitDown } from './seat.ts'

const SIDE = 512
/** Units of the slice's four parts, from the left: air, lung, soft tissue, bone. */
const PARTS = [-1000, -800, 40, 700]

/** A slice of 512 × 512 as a scanner stores it; a mark of its own at the top tells it from the others. */
function slice(seed: number): Uint8Array {
  const samples = Int16Array.from({ length: SIDE * SIDE }, (_, at) => {
    const part = PARTS[Math.floor(((at % SIDE) * PARTS.length) / SIDE)]!
    return part + 1024 + (at < 8 * (seed + 1) ? 60 : 0)
  })
  return writeDicom({ width: SIDE, height: SIDE, samples })
}

/** A desk over slices of one study, taken in from DICOM files. */
async function deskOfSlices(count: number) {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-window-'))
  const workspace = await openWorkspace(dir, { create: true })
  const store = await openStore(workspace, { write: ['cases'] })
  const cases: MinedCase[] = []
  for (let seed = 0; seed < count; seed++) {
    const image = await storeImage(workspace, slice(seed))
    cases.push({
      ...pictureAlone(image),
      patient: 'dicom:study',
      source: { name: 'dicom', file: `${seed}.dcm`, format: 'dicom' },
      minedBy: 'test',
    })
  }
  await store.cases.put('dicom:study', cases)
  await store.close()
  const server = await startServer({ workspace: dir })
  onTestFinished(async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })
  return { server, dir }
}

/** Greys on the canvas in the middle of each part; null while the picture of 8 bits is shown. */
const greys = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.window-canvas')
    if (!canvas || canvas.hidden) return null
    const context = canvas.getContext('2d')!
    return [64, 192, 320, 448].map(x => context.getImageData(x, 256, 1, 1).data[0])
  })
const through = (centre: number, width: number) =>
  PARTS.map(unit => Math.min(255, Math.max(0, Math.round(((unit - centre + width / 2) * 255) / width))))

inChromium('a slice with Hounsfield units', browser => {
  it('is shown through the window of a key, a button or a drag, and the window stands in units', async () => {
    const { server } = await deskOfSlices(3)
    const { page, heard } = await sitDown(browser(), server.loginLink, 'Dr Window')
    const words = page.getByLabel('Window', { exact: true })
    const column = await page.locator('.column').boundingBox()
    await expect.poll(() => words.textContent()).toBe('W 1500 L −600 HU')
    await page.keyboard.press('7')
    await expect.poll(() => greys(page)).toEqual(through(40, 400))
    expect(await words.textContent()).toBe('W 400 L 40 HU')
    await page.getByRole('button', { name: /^bone 8/ }).click()
    await expect.poll(() => greys(page)).toEqual(through(400, 1800))

    const port = (await page.locator('.viewport').boundingBox())!
    const middle = { x: port.x + port.width / 2, y: port.y + port.height / 2 }
    await page.mouse.move(middle.x, middle.y)
    await page.mouse.down({ button: 'right' })
    await page.mouse.move(middle.x + 100, middle.y - 50, { steps: 5 })
    await page.mouse.up({ button: 'right' })
    const dragged = /W (\d+) L (−?\d+) HU/.exec((await words.textContent()) ?? '')!
    const [width, centre] = [Number(dragged[1]), Number(dragged[2]!.replace('−', '-'))]
    expect(width).toBeGreaterThan(1800)
    expect(centre).toBeLessThan(400)
    await expect.poll(() => greys(page)).toEqual(through(centre, width))
    expect(await page.locator('.viewport-facts').textContent()).toMatch(/(40|−800) HU$/)

    // The next slice of the study is looked at through the same window.
    const before = page.url()
    await page.keyboard.press('j')
    await page.waitForURL(url => url.href !== before)
    await expect.poll(() => greys(page)).toEqual(through(centre, width))
    await page.keyboard.press('0')
    await expect.poll(() => greys(page)).toBeNull()
    expect(await page.locator('.column').boundingBox()).toEqual(column)
    for (const theme of ['dark', 'light']) {
      expect(await violations(page), theme).toEqual([])
      const shots = process.env['WINDOW_SHOTS']
      if (shots) await page.screenshot({ path: `${shots}/window-${theme}.png` })
      if (theme === 'dark') await page.getByRole('button', { name: 'Change to the light theme' }).click()
    }
    expect(heard).toEqual([])
  })

  it('is repainted within a frame at each step of a drag, and the next one comes as quickly as any (printed)', async () => {
    const { server } = await deskOfSlices(14)
    const { page } = await sitDown(browser(), server.loginLink, 'Dr Drag')
    await page.keyboard.press('7')
    await expect.poll(() => greys(page)).toEqual(through(40, 400))
    const frames = await page.evaluate(async () => {
      const port = document.querySelector<HTMLElement>('.viewport')!
      const fire = (type: string, x: number, buttons: number) =>
        port.dispatchEvent(
          new PointerEvent(type, {
            bubbles: true,
            pointerId: 1,
            button: 2,
            buttons,
            clientX: 500 + x,
            clientY: 300,
          }),
        )
      port.setPointerCapture = () => undefined
      fire('pointerdown', 0, 2)
      const work: number[] = []
      for (let step = 1; step <= 60; step++) {
        fire('pointermove', step * 2, 2)
        await new Promise<void>(done =>
          requestAnimationFrame(began => {
            const painted = new MessageChannel()
            painted.port1.onmessage = () => {
              work.push(performance.now() - began)
              done()
            }
            painted.port2.postMessage(null)
          }),
        )
      }
      fire('pointerup', 120, 0)
      return work.sort((a, b) => a - b)
    })
    const next = await keyToPainted(page, { key: 'j', code: 'KeyJ', times: 12, pause: 150 })
    console.info(
      `windowing 512 × 512: work a frame at a drag p50 ${timeAt(frames, 0.5)} ms, p95 ${timeAt(frames, 0.95)} ms; ` +
        `key to the next slice painted p50 ${timeAt(next, 0.5)} ms, p95 ${timeAt(next, 0.95)} ms over ${next.length}`,
    )
    expect(frames).toHaveLength(60)
    expect(next).toHaveLength(12)
  })

  it('without them says so on a window’s key, and asks the server for no units', async () => {
    const { dir, server } = await deskOfSlices(1)
    expect((await readdir(join(dir, 'images'))).filter(name => name.endsWith('.hu.png'))).toHaveLength(1)
    const workspace = await openWorkspace(dir)
    const store = await openStore(workspace, { write: ['cases'] })
    const { hounsfield: _, ...plain } = (await store.cases.list()).rows[0]!
    await store.cases.put('dicom:study', [plain])
    await store.close()
    const { page } = await sitDown(browser(), server.loginLink, 'Dr Plain')
    const asked: string[] = []
    page.on('request', request => asked.push(request.url()))
    await page.reload()
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await page.keyboard.press('7')
    await page.getByText(/without Hounsfield units/).waitFor()
    expect(asked.filter(url => url.includes('.hu.png'))).toEqual([])
    expect(await page.getByRole('group', { name: 'Window in Hounsfield units' }).count()).toBe(0)
  })
})
