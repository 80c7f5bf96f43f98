/**
 * What dragging over a picture means: one pointer moves it; with Shift or the right button it sets its tone; two
 * pointers zoom it, at the place of the one that rests. Distances are screen pixels.
 */
export function createDrags(does: {
  move: (dx: number, dy: number) => void
  tone: (dx: number, dy: number) => void
  zoom: (factor: number, at: { x: number; y: number }) => void
}) {
  const pointers = new Map<number, { x: number; y: number }>()
  return {
    press(event: PointerEvent): void {
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    },
    move(event: PointerEvent): void {
      const last = pointers.get(event.pointerId)
      if (!last) return
      const [dx, dy] = [event.clientX - last.x, event.clientY - last.y]
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      if (other) {
        const before = Math.hypot(last.x - other.x, last.y - other.y)
        const after = Math.hypot(event.clientX - other.x, event.clientY - other.y)
        if (before > 0) does.zoom(after / before, other)
      } else if (event.shiftKey || (event.buttons & 2) !== 0) does.tone(dx, dy)
      else does.move(dx, dy)
    },
    release(event: PointerEvent): void {
      pointers.delete(event.pointerId)
    },
  }
}
