import { type PlotOptions, plot } from '@observablehq/plot'

/** A plot as data: made by the functions of this folder, drawn into the page or into a report. */
export type PlotSpec = PlotOptions & { ariaLabel?: string }

const SVG = 'http://www.w3.org/2000/svg'

/** What is used of the drawn element; in a browser it is an SVGSVGElement. */
export interface DrawnSvg {
  readonly tagName: string
  readonly outerHTML: string
  readonly firstChild: unknown
  setAttribute(name: string, value: string): void
  insertBefore(node: unknown, before: unknown): unknown
}

/**
 * Draws a plot as an SVG element with the document given: the browser's in the page, linkedom's in a report. The
 * style stands inside; there is no script.
 */
export function drawSvg(spec: PlotSpec, document: object): DrawnSvg {
  // The server's types know no Document; the plot needs createElementNS of it and little more.
  const drawn = plot({ ...spec, document: document as never }) as unknown as DrawnSvg & {
    querySelector(selector: string): DrawnSvg
  }
  const svg = drawn.tagName.toLowerCase() === 'svg' ? drawn : drawn.querySelector('svg')
  svg.setAttribute('xmlns', SVG)
  svg.setAttribute('role', 'img')
  if (spec.ariaLabel) svg.setAttribute('aria-label', spec.ariaLabel)
  const ground = (spec.style as { background?: string } | undefined)?.background
  if (ground) {
    // Programs that know SVG without CSS boxes draw no background of the root: a rectangle stands in.
    const rectangle = (
      document as { createElementNS(space: string, name: string): DrawnSvg }
    ).createElementNS(SVG, 'rect')
    for (const [name, value] of Object.entries({
      width: '100%',
      height: '100%',
      fill: ground,
      stroke: 'none',
    }))
      rectangle.setAttribute(name, value)
    svg.insertBefore(rectangle, svg.firstChild)
  }
  return svg
}

/** The same as text, ready to stand in a file by itself. */
export function renderSvg(spec: PlotSpec, document: object): string {
  return drawSvg(spec, document).outerHTML
}
