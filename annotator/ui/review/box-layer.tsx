import { createEffect, createSignal, For, type JSX, on } from 'solid-js'
import type { Lesion } from '../../../data/records/vocabulary.ts'
import { boxBetween } from './box-between.ts'
import type { LesionBox } from './draft.ts'

interface Point {
  x: number
  y: number
}

/**
 * Draws a box by dragging from corner to corner, or by two clicks for whom dragging is hard. While there is nothing
 * to draw it lets every press pass.
 */
export function createBoxPen(lesion: () => Lesion | null, onBox: (box: LesionBox) => void) {
  const [corner, setCorner] = createSignal<Point | null>(null)
  const [drawn, setDrawn] = createSignal<LesionBox | null>(null)
  const stop = () => {
    setCorner(null)
    setDrawn(null)
  }
  createEffect(on(lesion, stop))

  return {
    drawn,
    press(point: Point): boolean {
      if (!lesion()) return false
      if (!corner()) setCorner(point)
      return true
    },
    move(point: Point): boolean {
      const first = corner()
      const now = lesion()
      if (!first || !now) return false
      setDrawn(boxBetween(now, first, point))
      return true
    },
    /** The end of a drag; a press let go where it began was the first of two clicks. */
    release(point: Point): void {
      const first = corner()
      const now = lesion()
      const box = first && now ? boxBetween(now, first, point) : null
      if (!box) return
      stop()
      onBox(box)
    },
  }
}

/** The boxes over the picture, in their lesions' colours. */
export function BoxLayer(props: { boxes: readonly LesionBox[]; drawn: LesionBox | null }): JSX.Element {
  const all = () => (props.drawn ? [...props.boxes, props.drawn] : props.boxes)
  return (
    <svg
      class="boxes"
      viewBox="0 0 1 1"
      preserveAspectRatio="none"
      role="img"
      aria-label={boxWords(props.boxes)}
    >
      <For each={all()}>
        {box => (
          <rect
            data-head={box.lesion}
            x={box.x}
            y={box.y}
            width={box.width}
            height={box.height}
            vector-effect="non-scaling-stroke"
          />
        )}
      </For>
    </svg>
  )
}

function boxWords(boxes: readonly LesionBox[]): string {
  return boxes.length === 0 ? 'no boxes' : `boxes: ${boxes.map(box => box.lesion).join(', ')}`
}
