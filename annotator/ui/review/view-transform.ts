/**
 * How the picture lies in the viewport: `scale` in screen pixels per image pixel, `x` and `y` the screen position
 * of its top left corner. Pure, so that zoom can be linked between two pictures and tested without a screen.
 */
export interface View {
  scale: number
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export const MAX_SCALE = 32

/** The whole picture, centred, as large as fits. */
export function fitted(image: Size, port: Size): View {
  if (image.width <= 0 || image.height <= 0 || port.width <= 0 || port.height <= 0)
    return { scale: 1, x: 0, y: 0 }
  const scale = Math.min(port.width / image.width, port.height / image.height)
  return centred(image, port, scale)
}

/** One image pixel to one screen pixel, centred. */
export function actualSize(image: Size, port: Size): View {
  return centred(image, port, 1)
}

function centred(image: Size, port: Size, scale: number): View {
  return { scale, x: (port.width - image.width * scale) / 2, y: (port.height - image.height * scale) / 2 }
}

/** Zooms by a factor so that the point of the picture under (x, y) stays there; never smaller than half of `fitted`. */
export function zoomAt(
  view: View,
  factor: number,
  point: { x: number; y: number },
  image: Size,
  port: Size,
): View {
  const least = Math.min(1, fitted(image, port).scale / 2)
  const scale = Math.min(MAX_SCALE, Math.max(least, view.scale * factor))
  const ratio = scale / view.scale
  return keepInSight(
    { scale, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio },
    image,
    port,
  )
}

export function pan(view: View, dx: number, dy: number, image: Size, port: Size): View {
  return keepInSight({ ...view, x: view.x + dx, y: view.y + dy }, image, port)
}

/**
 * A view told so that another picture in another viewport can take it over: magnification over `fitted`, and the
 * point of the picture (as shares of its sides) in the middle of the viewport.
 */
export interface LinkedView {
  zoom: number
  x: number
  y: number
}

export function toLinked(view: View, image: Size, port: Size): LinkedView {
  return {
    zoom: view.scale / fitted(image, port).scale,
    x: (port.width / 2 - view.x) / view.scale / image.width,
    y: (port.height / 2 - view.y) / view.scale / image.height,
  }
}

export function fromLinked(linked: LinkedView, image: Size, port: Size): View {
  const scale = fitted(image, port).scale * linked.zoom
  return {
    scale,
    x: port.width / 2 - linked.x * image.width * scale,
    y: port.height / 2 - linked.y * image.height * scale,
  }
}

/** At least 48 pixels of the picture stay inside the viewport, so that it can't be lost. */
function keepInSight(view: View, image: Size, port: Size): View {
  const rest = 48
  const clamp = (value: number, length: number, room: number) =>
    Math.min(room - rest, Math.max(rest - length, value))
  return {
    scale: view.scale,
    x: clamp(view.x, image.width * view.scale, port.width),
    y: clamp(view.y, image.height * view.scale, port.height),
  }
}

/** Grey values on the way to the screen: 1 is as stored. */
export interface Tone {
  brightness: number
  contrast: number
  inverted: boolean
}

export const PLAIN_TONE: Tone = { brightness: 1, contrast: 1, inverted: false }

/** Dragging 200 px changes a value by a factor of e; both stay between a fifth and five. */
export function dragTone(tone: Tone, dx: number, dy: number): Tone {
  const bounded = (value: number) => Math.min(5, Math.max(0.2, value))
  return {
    inverted: tone.inverted,
    contrast: bounded(tone.contrast * Math.exp(dx / 200)),
    brightness: bounded(tone.brightness * Math.exp(-dy / 200)),
  }
}

/** The tone as a CSS filter; `none` where nothing is changed. */
export function cssFilter(tone: Tone): string {
  const parts = []
  if (tone.inverted) parts.push('invert(1)')
  if (tone.brightness !== 1) parts.push(`brightness(${tone.brightness.toFixed(3)})`)
  if (tone.contrast !== 1) parts.push(`contrast(${tone.contrast.toFixed(3)})`)
  return parts.length === 0 ? 'none' : parts.join(' ')
}
