import type { JSX } from 'solid-js'
import type { WindowName } from './window-level.ts'

const STEP = 1.25

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

/** The same as buttons over the picture. */
export function ViewportTools(props: { controls: ViewportControls; inverted: boolean }): JSX.Element {
  // They stay the same as long as the viewport is there.
  const { zoom, fit, actualSize, invert } = props.controls
  return (
    <div class="viewport-tools" onPointerDown={event => event.stopPropagation()}>
      <Tool words="Zoom out" sign="−" key="-" run={() => zoom(1 / STEP)} />
      <Tool words="Zoom in" sign="+" key="+" run={() => zoom(STEP)} />
      <Tool words="fit and reset" sign="fit" key="0" run={fit} />
      <Tool words="1:1, a pixel to a pixel" sign="1:1" key="⇧ 0" run={actualSize} />
      <Tool words="inv, invert" sign="inv" key="i" run={invert} pressed={props.inverted} />
    </div>
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
