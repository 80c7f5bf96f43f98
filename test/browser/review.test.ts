import { expect, it } from 'vitest'
import type { Act } from '../../data/records/act.ts'
import { LESIONS } from '../../data/records/vocabulary.ts'
import { allSaved, caseShown, journalOf } from './desk.ts'
import { keyToPainted, timeAt } from './painted.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

const labels = (acts: Act[]) => acts.filter(act => act.act.kind === 'label')

inChromium('review, by keys alone', browser => {
  it('twenty cases are accepted, flipped, doubted and given their cause, and all of it is on the disk', async () => {
    const desk = await ownDesk()
    const { context, page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Keys')
    const seen: string[] = []
    for (let i = 0; i < 20; i++) {
      const id = caseShown(page)
      seen.push(id)
      if (i % 4 === 1) await page.keyboard.press('1')
      if (i % 4 === 2) await page.keyboard.press('Shift+3')
      if (i % 4 === 3) {
        // Turn the flag against what was said, until the page asks why, and answer.
        await page.keyboard.press('c')
        if (await page.getByText('Why does the flag differ?').isVisible()) await page.keyboard.press('a')
      }
      await page.keyboard.press('Space')
      await page.waitForFunction(before => new URL(location.href).searchParams.get('case') !== before, id)
    }
    await allSaved(page)
    await context.close()
    await desk.server.close()
    const acts = await journalOf(desk.dir)
    expect(labels(acts).map(act => act.case)).toEqual(seen)
    expect(new Set(seen).size).toBe(20)
    const doubted = labels(acts)[2]?.act
    expect(doubted?.kind === 'label' && doubted.lesions.CrPa).toBe('uncertain')
    for (const act of acts.filter(each => each.act.kind === 'reason'))
      expect(act.act).toMatchObject({ head: 'flag', cause: 'wrong-flag' })
    expect(heard).toEqual([])
  })

  it('a flipped lesion is saved with its cause, and the row shows it when one comes back', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Flip')
    const id = caseShown(page)
    const row = page.getByRole('radiogroup', { name: /^consolidation/ })
    const before = await row.locator('input:checked').inputValue()
    await page.keyboard.press('2')
    const after = await row.locator('input:checked').inputValue()
    expect(after).toBe(before === 'present' ? 'absent' : 'present')
    const asks = await page.getByText('Why does Csld differ?').isVisible()
    if (asks) await page.keyboard.press('v')
    await page.keyboard.press('Enter')
    await page.keyboard.press('k')
    await page.waitForFunction(wanted => new URL(location.href).searchParams.get('case') === wanted, id)
    expect(await row.locator('input:checked').inputValue()).toBe(after)
    await allSaved(page)
    const acts = await journalOf(desk.dir)
    expect(acts[0]).toMatchObject({ case: id, act: { kind: 'label', lesions: { Csld: after } } })
    expect(acts.slice(1).map(act => act.act)).toEqual(
      asks ? [{ kind: 'reason', head: 'Csld', cause: 'visible-not-said' }] : [],
    )
  })

  it('undo goes back to the beginning over all cases, and redo brings every one again', async () => {
    const desk = await ownDesk()
    const { context, page } = await sitDown(browser(), desk.server.loginLink, 'Dr Undo')
    const labelled = async () =>
      (await (await context.request.get(`${desk.server.url}/api/stats`)).json()).labelled as number
    for (let i = 0; i < 6; i++) {
      const id = caseShown(page)
      if (i % 2 === 1) {
        await page.keyboard.press('c')
        if (await page.getByText('Why does the flag differ?').isVisible()) await page.keyboard.press('w')
      }
      await page.keyboard.press('Space')
      await page.waitForFunction(before => new URL(location.href).searchParams.get('case') !== before, id)
    }
    await allSaved(page)
    // A fresh page knows nothing of what was decided before: undo reaches back all the same.
    await page.reload()
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    for (let left = 5; left >= 0; left--) {
      await page.keyboard.press('Backspace')
      await expect.poll(labelled).toBe(left)
    }
    await page.keyboard.press('Backspace')
    await page.getByText('Nothing of yours is left to undo.').waitFor()
    for (let count = 1; count <= 6; count++) {
      await page.keyboard.press('Control+y')
      await expect.poll(labelled).toBe(count)
    }
    const acts = await journalOf(desk.dir)
    expect(labels(acts)).toHaveLength(6)
  })

  it('undo takes back a flip that was not saved before it takes back a case', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Back')
    const id = caseShown(page)
    const row = page.getByRole('radiogroup', { name: /^ground-glass/ })
    const before = await row.locator('input:checked').inputValue()
    await page.keyboard.press('1')
    expect(await row.locator('input:checked').inputValue()).not.toBe(before)
    await page.keyboard.press('Backspace')
    expect(await row.locator('input:checked').inputValue()).toBe(before)
    expect(caseShown(page)).toBe(id)
    expect(await journalOf(desk.dir)).toEqual([])
  })

  it('a mention given to another panel changes all its siblings, and undo gives it back', async () => {
    const desk = await ownDesk()
    const { context, page } = await sitDown(browser(), desk.server.loginLink, 'Dr Pair')
    const bound = desk.cases.find(
      each => each.panel === 'B' && each.mentions.some(mention => mention.panels.join() === 'A'),
    )!
    const index = bound.mentions.findIndex(mention => mention.panels.join() === 'A')
    const lesion = bound.mentions[index]!.lesion
    const finding = async (panel: string) => {
      const id = bound.id.replace(/#[^#]*$/, `#${panel}`)
      const reply = await context.request.get(`${desk.server.url}/api/case?id=${encodeURIComponent(id)}`)
      return (await reply.json()).case.mined.findings[lesion] as string
    }
    const before = [await finding('A'), await finding('B')]
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(bound.id)}`)
    await page.locator('.mention').first().waitFor()
    do await page.keyboard.press('m')
    while ((await page.locator('.mention.focused').first().getAttribute('data-mention')) !== String(index))
    await page.keyboard.press('b')
    await allSaved(page)
    await expect
      .poll(async () => (await journalOf(desk.dir)).at(-1)?.act)
      .toMatchObject({ kind: 're-pair', panels: ['B'] })
    expect(await finding('B')).toBe(bound.mentions[index]!.assertion)
    expect([await finding('A'), await finding('B')]).not.toEqual(before)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Backspace')
    await expect.poll(() => Promise.all([finding('A'), finding('B')])).toEqual(before)
  })

  it('a mention denied is gone from the caption, and the row’s proposal follows', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Deny')
    const target = desk.cases.find(each => each.mentions.length > 1)!
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(target.id)}`)
    await page.locator('.mention').first().waitFor()
    const count = await page.locator('.mention sup').count()
    await page.keyboard.press('m')
    await page.keyboard.press('x')
    await expect.poll(() => page.locator('.mention sup').count()).toBe(count - 1)
  })

  it('words selected in the caption become a mention by a lesion’s digit, and undo takes it away again', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Words')
    const target = desk.cases.find(each => each.mentions.length === 1 && each.mentions[0]!.start > 20)!
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(target.id)}`)
    await page.locator('.mention').first().waitFor()
    const count = await page.locator('.mention sup').count()
    // The caption's first word: its letters begin at the paragraph's top left corner.
    await page.locator('.caption-scroll p').dblclick({ position: { x: 10, y: 9 } })
    // The browser tells of a selection a moment after the click.
    await page.getByText('makes it a mention').waitFor()
    await page.keyboard.press('5')
    await allSaved(page)
    const added = (await journalOf(desk.dir)).at(-1)?.act
    expect(added).toMatchObject({ kind: 'mention', lesion: 'InSepThi', assertion: 'present', start: 0 })
    expect(added?.kind === 'mention' && target.caption.slice(0, added.end)).toMatch(/^\w+$/)
    await expect.poll(() => page.locator('.mention sup').count()).toBe(count + 1)
    await page.keyboard.press('Backspace')
    await expect.poll(() => page.locator('.mention sup').count()).toBe(count)
  })

  it('words behind a mention are chosen by arrow keys alone, and become a mention or are given to a panel', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Arrows')
    const behind = (caption: string, end: number) => caption.slice(end).match(/\p{L}[\p{L}\p{N}]*/gu) ?? []
    const target = desk.cases.find(each => {
      const letters = new Set(
        desk.cases.filter(other => other.figure === each.figure).map(other => other.panel),
      )
      const last = each.mentions.at(-1)
      return last && letters.has('A') && letters.has('B') && behind(each.caption, last.end).length > 1
    })!
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(target.id)}`)
    await page.locator('.mention').first().waitFor()
    const selected = () => page.evaluate(() => document.getSelection()?.toString() ?? '')
    // Hovered or focused, a mention shows its rule and its cue.
    await page.locator('.mention').first().hover()
    await page
      .locator('.prompt')
      .getByText(/rule term-/)
      .waitFor()
    await page.mouse.move(5, 5)
    await page.locator('.mention').first().focus()
    await page
      .locator('.prompt')
      .getByText(/rule term-/)
      .waitFor()
    await page.keyboard.press('Escape')

    await page.keyboard.press('e')
    await page.keyboard.press('End')
    await expect.poll(selected).toBe(target.caption.match(/[\p{L}\p{N}]+(?:[-–’'][\p{L}\p{N}]+)*/gu)!.at(-1))
    await page.keyboard.press('Shift+ArrowLeft')
    await page.getByText('makes it a mention').waitFor()
    const words = await selected()
    expect(words.split(/\s+/).length).toBeGreaterThan(1)
    await page.keyboard.press('5')
    await allSaved(page)
    const added = (await journalOf(desk.dir)).at(-1)?.act
    expect(added).toMatchObject({ kind: 'mention', lesion: 'InSepThi' })
    if (added?.kind !== 'mention') return
    expect(added.start).toBeGreaterThan(target.mentions[0]!.end)
    expect(target.caption.slice(added.start, added.end)).toBe(words)

    await page.keyboard.press('e')
    await page.keyboard.press('End')
    await page.keyboard.press('b')
    await allSaved(page)
    expect((await journalOf(desk.dir)).at(-1)?.act).toMatchObject({
      kind: 're-pair',
      panels: ['B'],
      end: added.end,
    })
    // Out of the caption again: the arrows are the list's.
    await page.keyboard.press('e')
    await page.keyboard.press('Escape')
    expect(await selected()).toBe('')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => caseShown(page)).not.toBe(target.id)
  })

  it('notes, discussion and what can’t be assessed are kept', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Note')
    const id = caseShown(page)
    await page.keyboard.press('n')
    await page.getByLabel('What should be remembered of it?').fill('apical scar')
    await page.keyboard.press('Control+Enter')
    await page.keyboard.press('d')
    await page.getByLabel('What is the question?').fill('effusion?')
    await page.keyboard.press('Control+Enter')
    await page.keyboard.press('x')
    await page.keyboard.press('3')
    await page.waitForFunction(before => new URL(location.href).searchParams.get('case') !== before, id)
    await allSaved(page)
    const acts = await journalOf(desk.dir)
    expect(acts.map(act => [act.case === id, act.act.kind])).toEqual([
      [true, 'note'],
      [true, 'discuss'],
      [true, 'label'],
    ])
    expect(acts[2]?.act).toMatchObject({ notAssessable: 'too small' })
  })

  it('a box is drawn for the lesion in hand, goes with the label, is there when one comes back, and is undone with it', async () => {
    const desk = await ownDesk()
    const { context, page } = await sitDown(browser(), desk.server.loginLink, 'Dr Box')
    const id = caseShown(page)
    await page.keyboard.press('b')
    await page.getByText(/^Draw a box around/).waitFor()
    await page.keyboard.press('2')
    await page.getByText('Draw a box around consolidation').waitFor()
    await page.mouse.move(400, 200)
    await page.mouse.down()
    await page.mouse.move(500, 300, { steps: 4 })
    await page.mouse.up()
    expect(await page.getByRole('img', { name: 'boxes: Csld' }).count()).toBe(1)
    expect(await page.locator('input[name="choice-Csld"]:checked').inputValue()).toBe('present')
    await page.keyboard.press('Space')
    await expect.poll(() => caseShown(page)).not.toBe(id)
    await allSaved(page)
    const acts = (await journalOf(desk.dir)).filter(act => act.act.kind !== 'reason')
    expect(acts.map(act => act.act.kind)).toEqual(['label', 'box'])
    expect(acts[1]?.act).toMatchObject({ lesion: 'Csld' })
    await page.reload()
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(id)}`)
    await page.getByRole('img', { name: 'boxes: Csld' }).waitFor()
    await page.keyboard.press('Backspace')
    await page.getByRole('img', { name: 'no boxes' }).waitFor()
    await expect
      .poll(async () => (await (await context.request.get(`${desk.server.url}/api/stats`)).json()).labelled)
      .toBe(0)
    // Two clicks draw as well as a drag, for whom dragging is hard.
    await page.keyboard.press('b')
    await page.mouse.click(420, 220)
    await page.mouse.click(520, 320)
    await page.getByRole('img', { name: /^boxes: / }).waitFor()
    await page.keyboard.press('Shift+b')
    await page.getByRole('img', { name: 'no boxes' }).waitFor()
  })

  it('the picture zooms, inverts and changes tone by keys without moving anything else', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr View')
    const column = await page.locator('.column').boundingBox()
    const style = () =>
      page.evaluate(() => [
        document.querySelector<HTMLElement>('.ground')?.style.transform,
        document.querySelector<HTMLElement>('.holder')?.style.filter,
      ])
    const [fitted] = await style()
    await page.keyboard.press('+')
    await page.keyboard.press('i')
    await page.keyboard.press(']')
    const [zoomed, filter] = await style()
    expect(zoomed).not.toBe(fitted)
    expect(filter).toMatch(/^invert\(1\) brightness\(1\.1/)
    await page.keyboard.press('0')
    expect(await style()).toEqual([fitted, 'none'])
    expect(await page.locator('.column').boundingBox()).toEqual(column)
  })

  it('from the key to the next picture painted takes few milliseconds, without and with a decision (printed)', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Fast')
    await page.waitForTimeout(500)
    for (const [key, code, words] of [
      ['j', 'KeyJ', 'the next case'],
      [' ', 'Space', 'accept and next'],
    ] as const) {
      const times = await keyToPainted(page, { key, code, times: 16, pause: 120 })
      console.info(
        `key to next picture painted, ${words}: p50 ${timeAt(times, 0.5)} ms, p95 ${timeAt(times, 0.95)} ms over ${times.length} cases`,
      )
      expect(times).toHaveLength(16)
    }
    await allSaved(page)
    expect(labels(await journalOf(desk.dir))).toHaveLength(16)
  })

  it('the wheel zooms to the pointer: what lies under it stays there', async () => {
    const desk = await ownDesk(1)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Wheel')
    const under = () =>
      page.evaluate(() => {
        const box = document.querySelector('.ground')!.getBoundingClientRect()
        return { x: (430 - box.x) / box.width, y: (250 - box.y) / box.height, width: box.width }
      })
    const before = await under()
    await page.mouse.move(430, 250)
    await page.mouse.wheel(0, -240)
    await expect.poll(async () => (await under()).width).toBeGreaterThan(before.width * 1.5)
    const after = await under()
    expect(after.x).toBeCloseTo(before.x, 3)
    expect(after.y).toBeCloseTo(before.y, 3)
    await page.keyboard.press('Shift+0')
    await expect
      .poll(async () => (await under()).width)
      .toBe(await page.locator('.ground img').evaluate(image => (image as HTMLImageElement).naturalWidth))
  })

  it('the guideline opens at the lesion touched last, with a phantom until a case of one’s own is confirmed', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Guide')
    await page.keyboard.press('2')
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    const guideline = page.getByRole('dialog', { name: 'Labelling guideline' })
    expect(await guideline.locator('.here').getAttribute('data-head')).toBe('Csld')
    for (const lesion of LESIONS) {
      const phantom = guideline.locator(`[data-head="${lesion}"] img`)
      await expect
        .poll(() => phantom.evaluate(image => (image as HTMLImageElement).naturalWidth))
        .toBeGreaterThan(100)
      expect(await phantom.getAttribute('alt')).toContain('phantom')
    }
    await page.keyboard.press('Escape')
    const named = desk.cases.find(each => each.mined.findings.GGO === 'present')!
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(named.id)}`)
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await page.keyboard.press('Space')
    await expect.poll(() => caseShown(page)).not.toBe(named.id)
    await allSaved(page)
    await page.keyboard.press('g')
    await guideline
      .getByAltText(`ground-glass opacity, confirmed: ${named.figure} ${named.panel ?? ''}`.trim())
      .waitFor()
  })

  it('a case said to be not assessable stays so when it is accepted again, and is assessed once a row is changed', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Blur')
    const id = caseShown(page)
    const goBack = async () => {
      await expect.poll(() => caseShown(page)).not.toBe(id)
      await page.goto(`${desk.server.url}/?case=${encodeURIComponent(id)}`)
      await page.getByText('Not assessable: motion.').waitFor()
    }
    await page.keyboard.press('x')
    await page.keyboard.press('1')
    await goBack()
    await page.keyboard.press('Space')
    await goBack()
    await page.keyboard.press('1')
    await page.keyboard.press('Space')
    await expect.poll(() => caseShown(page)).not.toBe(id)
    await allSaved(page)
    const said = labels(await journalOf(desk.dir)).map(
      ({ act }) => act.kind === 'label' && (act.notAssessable ?? null),
    )
    expect(said).toEqual(['motion', 'motion', null])
  })

  it('a question names who should look, and that person sees that it is for them', async () => {
    const desk = await ownDesk(1)
    const one = await sitDown(browser(), desk.server.loginLink, 'Dr Asks')
    const two = await sitDown(browser(), await desk.server.newLoginLink(), 'Dr Looks')
    await one.page.reload()
    await one.page.getByRole('button', { name: /Accept and next/ }).waitFor()
    const id = caseShown(one.page)
    await one.page.keyboard.press('d')
    await one.page.getByLabel('What is the question?').fill('GGO or breathing?')
    await one.page.getByLabel('Who should look?').selectOption({ label: 'Dr Looks' })
    await one.page.keyboard.press('Enter')
    await one.page.getByRole('button', { name: 'Send to discussion' }).click()
    await one.page.getByText('Dr Asks asks Dr Looks: GGO or breathing?').waitFor()
    await allSaved(one.page)
    await two.page.goto(`${desk.server.url}/?case=${encodeURIComponent(id)}`)
    await two.page.getByText('Dr Asks asks you: GGO or breathing?').waitFor()
  })

  it('the panel before stands beside this one with linked zoom, and the whole figure and the document are a key away', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Before')
    const second = desk.cases.find(each => each.order === 1)!
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(second.id)}`)
    await page.locator('.ground img').waitFor()
    await page.keyboard.press('t')
    await expect.poll(() => page.locator('.viewport').count()).toBe(2)
    const scales = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('.ground')].map(
          each => /scale\(([\d.]+)/.exec(each.style.transform)?.[1],
        ),
      )
    const before = await scales()
    await page.keyboard.press('+')
    const after = await scales()
    expect(after.every((scale, at) => Number(scale) > Number(before[at]))).toBe(true)
    await page.keyboard.press('t')
    await expect.poll(() => page.locator('.viewport').count()).toBe(1)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => desk.cases.find(each => each.id === caseShown(page))?.order).toBe(0)
    await page.keyboard.press('Shift+t')
    await expect
      .poll(() => page.locator('.viewport img').evaluateAll(all => all.map(each => each.getAttribute('alt'))))
      .toEqual([expect.stringMatching(/^CT slice of case/), expect.stringMatching(/^the panel after/)])
    await page.keyboard.press('Shift+t')
    await page.keyboard.press('p')
    await page
      .getByRole('dialog')
      .getByRole('heading', { name: `${second.figure}, page` })
      .waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  })

  it('a blind reading hides text and model until the first decision, and the label says that it was blind', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Blind')
    await page.evaluate(() =>
      fetch('/api/settings', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ showText: false, showModel: false }),
      }),
    )
    await page.reload()
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    const id = caseShown(page)
    expect(await page.locator('.said, .probability, .mention').count()).toBe(0)
    expect(await page.locator('.queue-subject[data-head]').count()).toBe(0)
    await page.keyboard.press('1')
    await page.keyboard.press('Space')
    expect(caseShown(page)).toBe(id)
    await page.keyboard.press('Space')
    await expect.poll(() => caseShown(page)).not.toBe(id)
    await allSaved(page)
    await page.keyboard.press('k')
    await page.locator('.probability').first().waitFor()
    expect((await journalOf(desk.dir))[0]?.act).toMatchObject({
      kind: 'label',
      blind: true,
      flag: 'not-assessed',
      lesions: { GGO: 'present', CrPa: 'absent' },
    })
  })

  it('every lesion’s key flips its own row', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Rows')
    const values = () =>
      Promise.all(LESIONS.map(lesion => page.locator(`input[name="choice-${lesion}"]:checked`).inputValue()))
    for (let nth = 0; nth < LESIONS.length; nth++) {
      const before = await values()
      await page.keyboard.press(String(nth + 1))
      const after = await values()
      expect(after.map((value, at) => value !== before[at])).toEqual(LESIONS.map((_, at) => at === nth))
    }
  })
})
