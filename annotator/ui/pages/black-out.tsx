import { createSignal, For, type JSX, Show } from 'solid-js'
import type { ShareBox } from '../../../data/pictures/black-out.ts'

/** Moves of a box by a key, as a share of the picture. */
const STEP = 0.01
const LEAST = 0.005

const within = (value: number, high: number) => Math.min(high, Math.max(0, value))

/** The box between two corners, cut to the picture. */
function between(one: { x: number; y: number }, other: { x: number; y: number }): ShareBox {
  const [left, right] = [within(Math.min(one.x, other.x), 1), within(Math.max(one.x, other.x), 1)]
  const [top, bottom] = [within(Math.min(one.y, other.y), 1), within(Math.max(one.y, other.y), 1)]
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/**
 * The picture with boxes over what must not be kept. Boxes are drawn by dragging; by keys one is put down by the button,
 * moved by arrows, resized by Shift and arrows, removed by Delete.
 */
export function BlackOut(props: {
  png: string
  boxes: readonly ShareBox[]
  change: (boxes: ShareBox[]) => void
}): JSX.Element {
  let ground!: HTMLDivElement
  const [corner, setCorner] = createSignal<{ x: number; y: number } | null>(null)
  const [drawn, setDrawn] = createSignal<ShareBox | null>(null)

  const place = (event: PointerEvent) => {
    const edge = ground.getBoundingClientRect()
    return { x: (event.clientX - edge.left) / edge.width, y: (event.clientY - edge.top) / edge.height }
  }
  const put = (at: number, box: ShareBox) =>
    props.change(props.boxes.map((each, index) => (index === at ? box : each)))
  const remove = (at: number) => {
    props.change(props.boxes.filter((_, index) => index !== at))
    ground.parentElement?.querySelector<HTMLButtonElement>('button.add-box')?.focus()
  }

  function add(): void {
    props.change([...props.boxes, { x: 0.35, y: 0.02, width: 0.3, height: 0.08 }])
    queueMicrotask(() => ground.querySelector<HTMLButtonElement>('button.black:last-of-type')?.focus())
  }

  function byKey(event: KeyboardEvent, at: number): void {
    const box = props.boxes[at]
    if (!box) return
    const dx = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key] ?? 0
    const dy = { ArrowUp: -STEP, ArrowDown: STEP }[event.key] ?? 0
    if (event.key === 'Delete' || event.key === 'Backspace') remove(at)
    else if (dx === 0 && dy === 0) return
    else if (event.shiftKey)
      put(at, {
        ...box,
        width: Math.max(STEP, within(box.width + dx, 1 - box.x)),
        height: Math.max(STEP, within(box.height + dy, 1 - box.y)),
      })
    else put(at, { ...box, x: within(box.x + dx, 1 - box.width), y: within(box.y + dy, 1 - box.height) })
    event.preventDefault()
  }

  return (
    <div class="black-out">
      <div
        class="diagnosed"
        ref={ground}
        onPointerDown={event => {
          if (event.button !== 0) return
          event.preventDefault()
          ground.setPointerCapture(event.pointerId)
          setCorner(place(event))
        }}
        onPointerMove={event => {
          const first = corner()
          if (first) setDrawn(between(first, place(event)))
        }}
        onPointerUp={() => {
          const box = drawn()
          if (box && box.width > LEAST && box.height > LEAST) props.change([...props.boxes, box])
          setCorner(null)
          setDrawn(null)
        }}
        onPointerCancel={() => {
          setCorner(null)
          setDrawn(null)
        }}
      >
        <img alt="what would be kept" src={`data:image/png;base64,${props.png}`} />
        <For each={props.boxes.map((_, at) => at)}>
          {at => (
            <button
              type="button"
              class="black"
              style={placed(props.boxes[at]!)}
              aria-label={`Black box ${at + 1}: arrows move it, Shift and arrows resize it, Delete removes it`}
              onPointerDown={event => event.stopPropagation()}
              onKeyDown={event => byKey(event, at)}
            />
          )}
        </For>
        <Show when={drawn()}>{box => <div class="black" style={placed(box())} />}</Show>
      </div>
      <p class="actions">
        <button type="button" class="small add-box" onClick={add}>
          Add a box
        </button>
        <button
          type="button"
          class="small"
          disabled={props.boxes.length === 0}
          onClick={() => remove(props.boxes.length - 1)}
        >
          Remove the last box
        </button>
        <span class="quiet" role="status">
          {props.boxes.length === 1 ? '1 box' : `${props.boxes.length} boxes`}
        </span>
      </p>
    </div>
  )
}

const placed = ({ x, y, width, height }: ShareBox) => ({
  left: `${100 * x}%`,
  top: `${100 * y}%`,
  width: `${100 * width}%`,
  height: `${100 * height}%`,
})
