import { createEffect, createResource, type JSX, Show } from 'solid-js'
import type { ThemeName } from '../../../data/plots/palette.ts'
import type { PlotSpec } from '../../../data/plots/render-svg.ts'
import { preferences } from '../shell/preferences.ts'

const load = () => import('./plots.ts')
type Plots = Awaited<ReturnType<typeof load>>

/** A plot in the page's theme, drawn anew when its data or the theme change; its place is kept while it loads. */
export function PlotFigure(props: {
  words: string
  draw: (plots: Plots, theme: ThemeName) => PlotSpec
}): JSX.Element {
  let place!: HTMLDivElement
  const [plots] = createResource(load)
  createEffect(() => {
    const known = plots.error ? undefined : plots()
    if (!known) return
    const svg = known.drawSvg(props.draw(known, preferences.theme), document) as unknown as SVGElement
    // The page's policy allows no style element; pages.css says the same.
    for (const style of svg.querySelectorAll('style')) style.remove()
    // The picture has one name; names of its parts are no part of what it says.
    for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label')
    place.replaceChildren(svg)
  })
  return (
    <figure class="plot">
      <figcaption>{props.words}</figcaption>
      <div class="plot-place" ref={place} />
      <Show when={plots.error}>
        <p class="failure">plot: {props.words}: its program was not reached; load the page again</p>
      </Show>
    </figure>
  )
}
