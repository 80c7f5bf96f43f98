import { THEMES, type Theme } from '../../data/plots/palette.ts'
import { HEADS } from '../../data/records/vocabulary.ts'

/** Text as it stands in HTML. */
export const escaped = (text: string) =>
  text.replace(
    /[&<>"']/g,
    sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign]!,
  )

/** A cell: text is escaped; a number stands right. */
export type Cell = string | number | { html: string; number?: boolean }

/** A table; the first cell of each row names it. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (of: Cell, at: number) => {
    const right = typeof of === 'number' || (typeof of === 'object' && of.number)
    const html = typeof of === 'object' ? of.html : escaped(String(of))
    return at === 0 ? `<th scope="row">${html}</th>` : `<td${right ? ' class="n"' : ''}>${html}</td>`
  }
  const numeric = (at: number) => {
    const of = rows[0]?.[at]
    return at > 0 && (typeof of === 'number' || (typeof of === 'object' && of.number))
  }
  const header = head.map(
    (name, at) => `<th scope="col"${numeric(at) ? ' class="n"' : ''}>${escaped(name)}</th>`,
  )
  return `<div class="wide"><table><thead><tr>${header.join('')}</tr></thead><tbody>${rows
    .map(row => `<tr>${row.map(cell).join('')}</tr>`)
    .join('')}</tbody></table></div>`
}

export const section = (title: string, ...parts: string[]) =>
  `<section><h2>${escaped(title)}</h2>${parts.join('\n')}</section>`

export const paragraph = (text: string) => `<p>${escaped(text)}</p>`

/** Pictures beside each other as far as there is room; `wide`: over the whole width. */
export const figures = (drawn: readonly { svg: string; caption: string }[], wide = false) =>
  `<div class="figures${wide ? ' one' : ''}">${drawn
    .map(({ svg, caption }) => `<figure>${svg}<figcaption>${escaped(caption)}</figcaption></figure>`)
    .join('')}</div>`

/** A whole page: no script, nothing from elsewhere. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`
}

/** Colours of the plots' light theme, as variables: one drawing serves both themes. */
const VARIABLES: Record<string, (theme: Theme) => string> = {
  surface: theme => theme.surface,
  ground: theme => theme.ground,
  text: theme => theme.text,
  quiet: theme => theme.quiet,
  ...Object.fromEntries(HEADS.map(head => [head, (theme: Theme) => theme.heads[head]])),
}

/** A plot drawn in the light theme's colours, with these as variables of the page. */
export function themed(svg: string): string {
  const names = new Map(Object.entries(VARIABLES).map(([name, of]) => [of(THEMES.light), name]))
  return svg.replace(/#[0-9a-f]{6}\b/g, colour => {
    const name = names.get(colour)
    return name === undefined ? colour : `var(--${name})`
  })
}

const variables = (theme: Theme) =>
  Object.entries(VARIABLES)
    .map(([name, of]) => `--${name}: ${of(theme)};`)
    .join(' ')

const LIGHT = `color-scheme: light; ${variables(THEMES.light)} --line: #e1e4e8; --rule: #c9ced3; --warn: #e0a300; --pale: #fffaf0;`
const DARK = `color-scheme: dark; ${variables(THEMES.dark)} --line: #2b3036; --rule: #454c54; --warn: #a87b00; --pale: #221d10;`

const STYLE = `
:root { ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 960px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 20px; margin: 0; }
h2 { font-size: 16px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 16px 0 4px; }
p { margin: 0 0 12px; max-width: 72ch; }
.quiet, figcaption { color: var(--quiet); }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 16px 20px; margin-top: 16px; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 16px; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 12px 16px; flex: 1 1 180px; }
.tile b { display: block; font-size: 20px; font-weight: 600; }
.tile span { color: var(--quiet); font-size: 12px; }
.warn { border-color: var(--warn); background: var(--pale); }
.warn ul { margin: 0; padding-left: 18px; }
.warn li { margin: 2px 0; overflow-wrap: anywhere; }
.verdict { font-weight: 600; }
.verdict.bad { border-left: 3px solid var(--warn); padding-left: 10px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 12px; margin-bottom: 12px; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; }
thead th { color: var(--quiet); border-bottom-color: var(--rule); }
tbody th { font-weight: 600; min-width: 64px; }
td.n, th.n { text-align: right; white-space: nowrap; }
.i { color: var(--quiet); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px; margin-bottom: 8px; }
.figures.one { display: block; }
figure { margin: 0; max-width: 480px; }
.figures.one figure { max-width: 760px; }
figure svg { width: 100%; height: auto; display: block; }
figcaption { font-size: 12px; }
img { display: block; background: #000; }
.maps { width: auto; }
.maps th, .maps td { padding: 4px 5px 8px 0; font-size: 11px; }
.maps td img { width: 100px; height: auto; }
.maps td span { color: var(--quiet); white-space: nowrap; }
.maps tbody th { width: 120px; max-width: 120px; min-width: 100px; overflow-wrap: anywhere; }
.maps tbody th code { font-weight: 400; color: var(--quiet); font-size: 10px; }
.cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(124px, 1fr)); gap: 12px; margin-bottom: 8px; }
.cases img { width: 100%; height: auto; }
.cases figcaption { margin-top: 4px; overflow-wrap: anywhere; font-size: 11px; }
.cases figcaption b { color: var(--text); }
.cases code { font-size: 10px; }
ol { margin: 0; padding-left: 24px; }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; }
@media print { body { background: #fff; } section, .tile, .maps tr, .cases figure { break-inside: avoid; } }
`
