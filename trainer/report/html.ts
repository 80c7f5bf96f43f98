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

/** Pictures beside each other as far as there is room. */
export const figures = (...drawn: { svg: string; caption: string }[]) =>
  `<div class="figures">${drawn
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

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f6f7f8; color: #14171a; font: 14px/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 960px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 20px; margin: 0; }
h2 { font-size: 16px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 16px 0 4px; }
p { margin: 0 0 12px; max-width: 72ch; }
.quiet, figcaption { color: #59636c; }
section { background: #fff; border: 1px solid #e1e4e8; border-radius: 6px; padding: 16px 20px; margin-top: 16px; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 16px; }
.tile { background: #fff; border: 1px solid #e1e4e8; border-radius: 6px; padding: 12px 16px; flex: 1 1 180px; }
.tile b { display: block; font-size: 20px; font-weight: 600; }
.tile span { color: #59636c; font-size: 12px; }
.warn { border-color: #e0a300; background: #fffaf0; }
.warn ul { margin: 0; padding-left: 18px; }
.warn li { margin: 2px 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 12px; margin-bottom: 12px; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid #eceef0; vertical-align: top; font-weight: 400; }
thead th { color: #59636c; border-bottom-color: #c9ced3; }
tbody th { font-weight: 600; min-width: 64px; }
td.n, th.n { text-align: right; white-space: nowrap; }
.i { color: #59636c; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px; margin-bottom: 8px; }
figure { margin: 0; max-width: 480px; }
figure svg { width: 100%; height: auto; display: block; }
figcaption { font-size: 12px; }
ol { margin: 0; padding-left: 24px; }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; }
@media print { body { background: #fff; } section, .tile { break-inside: avoid; } }
`
