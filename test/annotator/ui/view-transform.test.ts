import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cssFilter,
  dragTone,
  fitted,
  fromLinked,
  MAX_SCALE,
  PLAIN_TONE,
  pan,
  toLinked,
  zoomAt,
} from '../../../annotator/ui/review/view-transform.ts'

const image = { width: 300, height: 200 }
const port = { width: 800, height: 600 }

describe('the picture in the viewport', () => {
  it('fits whole and centred', () => {
    const view = fitted(image, port)
    expect(view.scale).toBeCloseTo(800 / 300)
    expect(view.x).toBeCloseTo(0)
    expect(view.y).toBeCloseTo((600 - 200 * view.scale) / 2)
  })

  it('zooms to the pointer: what was under it stays there', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 200, max: 600, noNaN: true }),
        fc.double({ min: 200, max: 400, noNaN: true }),
        fc.double({ min: 1.01, max: 3, noNaN: true }),
        (x, y, factor) => {
          const before = fitted(image, port)
          const after = zoomAt(before, factor, { x, y }, image, port)
          expect((x - after.x) / after.scale).toBeCloseTo((x - before.x) / before.scale, 6)
          expect((y - after.y) / after.scale).toBeCloseTo((y - before.y) / before.scale, 6)
        },
      ),
    )
  })

  it('zoom stops at both ends', () => {
    let view = fitted(image, port)
    for (let i = 0; i < 60; i++) view = zoomAt(view, 2, { x: 400, y: 300 }, image, port)
    expect(view.scale).toBe(MAX_SCALE)
    for (let i = 0; i < 60; i++) view = zoomAt(view, 0.5, { x: 400, y: 300 }, image, port)
    expect(view.scale).toBe(1)
  })

  it('can’t be dragged out of sight', () => {
    const away = pan(fitted(image, port), 1e6, -1e6, image, port)
    expect(away.x).toBe(800 - 48)
    expect(away.y).toBe(48 - 200 * away.scale)
  })

  it('a viewport without room shows it one to one instead of failing', () => {
    expect(fitted(image, { width: 0, height: 0 })).toEqual({ scale: 1, x: 0, y: 0 })
  })
})

describe('a linked view', () => {
  it('told and taken over again is the same view', () => {
    const view = zoomAt(fitted(image, port), 2.5, { x: 300, y: 200 }, image, port)
    const back = fromLinked(toLinked(view, image, port), image, port)
    expect(back.scale).toBeCloseTo(view.scale)
    expect(back.x).toBeCloseTo(view.x)
    expect(back.y).toBeCloseTo(view.y)
  })

  it('shows the same place of a picture of another size in a narrower viewport', () => {
    const view = zoomAt(fitted(image, port), 2, { x: 400, y: 300 }, image, port)
    const linked = toLinked(view, image, port)
    const other = { width: 512, height: 512 }
    const narrow = { width: 400, height: 600 }
    const there = toLinked(fromLinked(linked, other, narrow), other, narrow)
    expect(there.zoom).toBeCloseTo(2)
    expect(there.x).toBeCloseTo(linked.x)
    expect(there.y).toBeCloseTo(linked.y)
  })
})

describe('tone', () => {
  it('is no filter at first', () => {
    expect(cssFilter(PLAIN_TONE)).toBe('none')
  })

  it('dragging right adds contrast, dragging down darkens, both within bounds', () => {
    const tone = dragTone(PLAIN_TONE, 100, 100)
    expect(tone.contrast).toBeGreaterThan(1)
    expect(tone.brightness).toBeLessThan(1)
    expect(dragTone(PLAIN_TONE, 1e6, 1e6)).toMatchObject({ contrast: 5, brightness: 0.2 })
  })

  it('inverts before the rest', () => {
    expect(cssFilter({ brightness: 1.5, contrast: 1, inverted: true })).toBe('invert(1) brightness(1.500)')
  })
})
