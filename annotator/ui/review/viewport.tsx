import { createEffect, createSignal, type JSX, on, onCleanup, onMount, Show } from 'solid-js'
import type { HounsfieldImage } from '../../../data/records/case.ts'
import type { Lesion } from '../../../data/records/vocabulary.ts'
import { BoxLayer, createBoxPen } from './box-layer.tsx'
import type { LesionBox } from './draft.ts'
import { createDrags } from './drags.ts'
import { picture } from './images.ts'
import type { Look } from './look.ts'
import {
  actualSize,
  cssFilter,
  dragTone,
  fitted,
  fromLinked,
  PLAIN_TONE,
  pan,
  type Size,
  toLinked,
  type View,
  zoomAt,
} from './view-transform.ts'
import { type ViewportControls, ViewportTools } from './viewport-tools.tsx'
import { createWindowDesk } from './window-desk.ts'
import { dragWindow, LUNG, stepWindow, unitWords, windowWords } from './window-level.ts'
import { WindowTools } from './window-tools.tsx'

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

  /** A place on the screen as shares of the picture's sides. */
  function share(event: PointerEvent): { x: number; y: number } {
    const edge = box.getBoundingClientRect()
    const { scale, x, y } = shownView()
    return {
      x: (event.clientX - edge.left - x) / scale / size().width,
      y: (event.clientY - edge.top - y) / scale / size().height,
    }
  }

  const drags = createDrags({
    move: (dx, dy) => setView(pan(shownView(), dx, dy, size(), port())),
    tone(dx, dy) {
      if (props.hounsfield) setWindow(now => dragWindow(now, dx, dy))
      else setTone(now => dragTone(now, dx, dy))
    },
    zoom(factor, { x, y }) {
      const edge = box.getBoundingClientRect()
      zoom(factor, { x: x - edge.left, y: y - edge.top })
    },
  })

  function drag(event: PointerEvent): void {
    windows.point(share(event))
    if (!pen.move(share(event))) drags.move(event)
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
        drags.press(event)
      }}
      onPointerMove={drag}
      onPointerUp={event => {
        pen.release(share(event))
        drags.release(event)
      }}
      onPointerLeave={() => windows.point(null)}
      onPointerCancel={drags.release}
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
        <ViewportTools controls={controls} inverted={tone().inverted} />
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
