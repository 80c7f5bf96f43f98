import { createEffect, createSignal, type JSX, on, onCleanup, onMount, Show } from 'solid-js'
import type { HounsfieldImage } from '../../../data/records/case.ts'
import type { Lesion } from '../../../data/records/vocabulary.ts'
import { BoxLayer, createBoxPen } from './box-layer.tsx'
import type { LesionBox } from './draft.ts'
import { picture } from './images.ts'
import {
  actualSize,
  cssFilter,
  dragTone,
  fitted,
  fromLinked,
  type LinkedView,
  PLAIN_TONE,
  pan,
  type Size,
  type Tone,
  toLinked,
  type View,
  zoomAt,
} from './view-transform.ts'
import { createWindowDesk } from './window-desk.ts'
import {
  dragWindow,
  type HounsfieldWindow,
  LUNG,
  stepWindow,
  unitWords,
  type WindowName,
  windowWords,
} from './window-level.ts'
import { WindowTools } from './window-tools.tsx'

/** How pictures are looked at; two viewports that share one show the same place in the same tone. */
export function createLook() {
  const [view, setView] = createSignal<LinkedView | null>(null)
  const [tone, setTone] = createSignal<Tone>(PLAIN_TONE)
  const [window, setWindow] = createSignal<HounsfieldWindow>(LUNG)
  return { view, setView, tone, setTone, window, setWindow }
}
export type Look = ReturnType<typeof createLook>

/** What keys do to the picture. */
export interface ViewportControls {
  zoom(factor: number): void
  fit(): void
  actualSize(): void
  invert(): void
  tone(brightness: number, contrast: number): void
  /** False where the picture has no Hounsfield units. */
  window(name: WindowName): boolean
}

const STEP = 1.25

/**
 * The slice on black. Wheel zooms to the pointer, drag moves, drag with Shift or the right button sets the window, or
 * brightness and contrast where there are no Hounsfield units.
 */
export function Viewport(props: {
  file: string
  words: string
  size: Size
  look: Look
  /** The same slice in Hounsfield units, where they were kept. */
  hounsfield?: HounsfieldImage | undefined
  boxes?: readonly LesionBox[]
  /** The lesion a box is being drawn for; null: dragging moves the picture. */
  drawing?: Lesion | null
  onBox?: (box: LesionBox) => void
  controls?: (controls: ViewportControls) => void
  /** Lies over the picture, zoomed with it. */
  overlay?: JSX.Element
  children?: JSX.Element
}): JSX.Element {
  let box!: HTMLDivElement
  let ground!: HTMLDivElement
  let holder!: HTMLDivElement
  const pen = createBoxPen(
    () => props.drawing ?? null,
    drawn => props.onBox?.(drawn),
  )
  const [port, setPort] = createSignal<Size>({ width: 0, height: 0 })
  const { tone, setTone } = props.look
  const [size, setSize] = createSignal<Size>({ width: 1, height: 1 })
  const [missing, setMissing] = createSignal(false)
  const { window: shownWindow, setWindow } = props.look
  const windows = createWindowDesk(() => props.hounsfield, [shownWindow, setWindow])
  const shownView = () => {
    const linked = props.look.view()
    return linked ? fromLinked(linked, size(), port()) : fitted(size(), port())
  }
  const setView = (view: View) => props.look.setView(toLinked(view, size(), port()))
  const middle = () => ({ x: port().width / 2, y: port().height / 2 })
  const zoom = (factor: number, point = middle()) =>
    setView(zoomAt(shownView(), factor, point, size(), port()))

  const controls: ViewportControls = {
    zoom: factor => zoom(factor),
    fit() {
      props.look.setView(null)
      setTone(PLAIN_TONE)
      setWindow(LUNG)
    },
    actualSize: () => setView(actualSize(size(), port())),
    invert: () => setTone(now => ({ ...now, inverted: !now.inverted })),
    tone(brightness, contrast) {
      if (props.hounsfield) setWindow(now => stepWindow(now, brightness, contrast))
      else setTone(now => dragTone(now, 200 * Math.log(contrast), -200 * Math.log(brightness)))
    },
    window: windows.pick,
  }

  createEffect(
    on(
      () => props.file,
      file => {
        const image = picture(file)
        const learnSize = () =>
          setSize(
            image.naturalWidth > 0 ? { width: image.naturalWidth, height: image.naturalHeight } : props.size,
          )
        image.alt = props.words
        setMissing(false)
        learnSize()
        if (!image.complete) {
          image.onload = learnSize
          image.onerror = () => setMissing(true)
        } else if (image.naturalWidth === 0) setMissing(true)
        holder.replaceChildren(image, windows.canvas)
      },
    ),
  )
  createEffect(() => {
    const { scale, x, y } = shownView()
    const { width, height } = size()
    ground.style.width = `${width}px`
    ground.style.height = `${height}px`
    ground.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
    holder.style.filter = cssFilter(props.hounsfield ? { ...PLAIN_TONE, inverted: tone().inverted } : tone())
  })

  onMount(() => {
    props.controls?.(controls)
    const watch = new ResizeObserver(() => setPort({ width: box.clientWidth, height: box.clientHeight }))
    watch.observe(box)
    setPort({ width: box.clientWidth, height: box.clientHeight })
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const edge = box.getBoundingClientRect()
      zoom(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), {
        x: event.clientX - edge.left,
        y: event.clientY - edge.top,
      })
    }
    box.addEventListener('wheel', wheel, { passive: false })
    onCleanup(() => {
      watch.disconnect()
      box.removeEventListener('wheel', wheel)
    })
  })

  const pointers = new Map<number, { x: number; y: number }>()
  /** A place on the screen as shares of the picture's sides. */
  function share(event: PointerEvent): { x: number; y: number } {
    const edge = box.getBoundingClientRect()
    const { scale, x, y } = shownView()
    return {
      x: (event.clientX - edge.left - x) / scale / size().width,
      y: (event.clientY - edge.top - y) / scale / size().height,
    }
  }

  function drag(event: PointerEvent): void {
    windows.point(share(event))
    if (pen.move(share(event))) return
    const last = pointers.get(event.pointerId)
    if (!last) return
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y]
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (other) {
      const edge = box.getBoundingClientRect()
      const before = Math.hypot(last.x - other.x, last.y - other.y)
      const after = Math.hypot(event.clientX - other.x, event.clientY - other.y)
      if (before > 0) zoom(after / before, { x: other.x - edge.left, y: other.y - edge.top })
    } else if (event.shiftKey || (event.buttons & 2) !== 0) {
      if (props.hounsfield) setWindow(now => dragWindow(now, dx, dy))
      else setTone(now => dragTone(now, dx, dy))
    } else setView(pan(shownView(), dx, dy, size(), port()))
  }

  return (
    <section
      class="viewport"
      classList={{ drawing: Boolean(props.drawing) }}
      aria-label="Slice"
      ref={box}
      onPointerDown={event => {
        box.setPointerCapture(event.pointerId)
        if (event.button === 0 && pen.press(share(event))) return
        pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      }}
      onPointerMove={drag}
      onPointerUp={event => {
        pen.release(share(event))
        pointers.delete(event.pointerId)
      }}
      onPointerLeave={() => windows.point(null)}
      onPointerCancel={event => pointers.delete(event.pointerId)}
      onDblClick={() => controls.fit()}
      onContextMenu={event => event.preventDefault()}
    >
      <div class="ground" ref={ground}>
        <div class="holder" ref={holder} />
        {props.overlay}
        <BoxLayer boxes={props.boxes ?? []} drawn={pen.drawn()} />
      </div>
      <Show when={missing()}>
        <p class="missing" role="alert">
          image: {props.file}: not found in the workspace; mine or import its document again
        </p>
      </Show>
      <Show when={props.controls}>
        <div class="viewport-tools" onPointerDown={event => event.stopPropagation()}>
          <Tool words="Zoom out" sign="−" key="-" run={() => zoom(1 / STEP)} />
          <Tool words="Zoom in" sign="+" key="+" run={() => zoom(STEP)} />
          <Tool words="fit and reset" sign="fit" key="0" run={controls.fit} />
          <Tool words="1:1, a pixel to a pixel" sign="1:1" key="⇧ 0" run={controls.actualSize} />
          <Tool words="inv, invert" sign="inv" key="i" run={controls.invert} pressed={tone().inverted} />
        </div>
        <Show when={props.hounsfield}>
          <WindowTools window={shownWindow()} pick={controls.window} />
        </Show>
      </Show>
      <p class="viewport-facts" aria-hidden="true">
        {size().width} × {size().height} · {Math.round(shownView().scale * 100)} %
        {!props.hounsfield && tone().brightness !== 1 ? ` · brightness ${tone().brightness.toFixed(2)}` : ''}
        {!props.hounsfield && tone().contrast !== 1 ? ` · contrast ${tone().contrast.toFixed(2)}` : ''}
        {props.hounsfield && !props.controls ? ` · ${windowWords(shownWindow())}` : ''}
        {windows.under() === null ? '' : ` · ${unitWords(windows.under()!)} HU`}
      </p>
      {props.children}
    </section>
  )
}

function Tool(props: {
  words: string
  sign: string
  key: string
  run: () => void
  pressed?: boolean
}): JSX.Element {
  return (
    <button
      type="button"
      title={`${props.words} (${props.key})`}
      aria-label={props.words}
      aria-pressed={props.pressed}
      onClick={() => props.run()}
    >
      {props.sign}
    </button>
  )
}
