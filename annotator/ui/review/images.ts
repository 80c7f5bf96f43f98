/** Pictures decoded ahead, so that the next case is painted in the frame after the key. */
const kept = new Map<string, HTMLImageElement>()
const KEEP = 24

export function imageAddress(file: string): string {
  return `/images/${encodeURIComponent(file.replace(/^images\//, ''))}`
}

/** The picture's element, loading or loaded; the same element each time, so that it stays decoded. */
export function picture(file: string): HTMLImageElement {
  const address = imageAddress(file)
  let image = kept.get(address)
  if (image) kept.delete(address)
  else {
    image = new Image()
    image.decoding = 'sync'
    image.draggable = false
    image.alt = ''
    image.src = address
    image.decode().catch(() => {
      // Shown as missing by whoever displays it; another try next time.
      kept.delete(address)
    })
  }
  kept.set(address, image)
  for (const oldest of kept.keys()) {
    if (kept.size <= KEEP) break
    kept.delete(oldest)
  }
  return image
}
