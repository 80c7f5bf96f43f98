import { createSignal, For, type JSX, Show } from 'solid-js'
import { PAGE_DPI, type Region } from '../../../data/records/document.ts'

/** A part of a page that is marked on its picture. */
export interface PageMark {
  region: Region
  /** `figure` and `panel` are drawn as boxes, `caption` dashed; `here` is the one looked at. */
  kind: 'figure' | 'panel' | 'caption' | 'here'
  words: string
  /** What a press on it does. */
  go?: () => void
}

/** A page of a document with what was found on it. Regions are in points from the page's top left. */
export function PagePicture(props: {
  page: number
  address: string | null
  marks: readonly PageMark[]
  /** Why there is no picture, where it can't be had. */
  failure?: string | null
}): JSX.Element {
  const [size, setSize] = createSignal<{ width: number; height: number } | null>(null)
  const place = ([x0, y0, x1, y1]: Region) => {
    const { width, height } = size()!
    const share = (points: number, pixels: number) => `${(points * PAGE_DPI * 100) / 72 / pixels}%`
    return {
      left: share(x0, width),
      top: share(y0, height),
      width: share(x1 - x0, width),
      height: share(y1 - y0, height),
    }
  }
  return (
    <figure class="page-picture" aria-label={`Page ${props.page}`}>
      <Show
        when={props.address}
        fallback={
          <p class="page-blank quiet" role="status">
            {props.failure ?? `Page ${props.page} is being drawn…`}
          </p>
        }
      >
        {address => (
          <div class="page-sheet">
            <img
              src={address()}
              alt={`Page ${props.page} of the document`}
              onLoad={event => {
                const { naturalWidth: width, naturalHeight: height } = event.currentTarget
                setSize({ width, height })
              }}
            />
            <Show when={size()}>
              <For each={props.marks}>
                {mark => (
                  <Show
                    when={mark.go}
                    fallback={<div class="page-mark" data-kind={mark.kind} style={place(mark.region)} />}
                  >
                    {go => (
                      <button
                        type="button"
                        class="page-mark"
                        data-kind={mark.kind}
                        onClick={() => go()()}
                        aria-label={mark.words}
                        title={mark.words}
                        style={place(mark.region)}
                      />
                    )}
                  </Show>
                )}
              </For>
            </Show>
          </div>
        )}
      </Show>
      <figcaption class="quiet">page {props.page}</figcaption>
    </figure>
  )
}
