/** The curves as a picture: a panel a strategy, its mean and the band of eight runs in ten, random behind it. */
import { join } from 'node:path'
import { areaY, lineY, ruleY, text } from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import sharp from 'sharp'

const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
const { renderSvg } = await dist('data/plots/render-svg.js')
const { frame } = await dist('data/plots/frame.js')
const { THEMES } = await dist('data/plots/palette.js')

const COLUMNS = 3

export async function drawCurves(summary, { title, path, full }) {
  const theme = THEMES.light
  const random = summary.find(one => one.strategy === 'random')
  const others = summary.filter(one => one !== random)
  const place = (at, row) => ({ ...row, fx: at % COLUMNS, fy: Math.floor(at / COLUMNS) })
  const rows = of => others.flatMap((one, at) => of(one).points.map(point => place(at, point)))
  const band = { x: 'x', y1: 'low', y2: 'high', fx: 'fx', fy: 'fy', fillOpacity: 0.16 }
  const line = { x: 'x', y: 'value', fx: 'fx', fy: 'fy', z: null }
  const colour = theme.heads.GGO
  const { document } = parseHTML('<html></html>')
  const spec = {
    ...frame(theme, { title, width: 900, height: 60 + 230 * Math.ceil(others.length / COLUMNS) }),
    marginTop: 34,
    fx: { axis: null, padding: 0.06 },
    fy: { axis: null, padding: 0.12 },
    x: { label: 'cases read', labelAnchor: 'center', labelArrow: 'none', ticks: 5 },
    y: { label: title.split(' by ')[0], labelAnchor: 'center', labelArrow: 'none', ticks: 5 },
    marks: [
      ruleY([0.98 * full], { stroke: theme.quiet, strokeDasharray: '2,4', strokeOpacity: 0.8 }),
      ...(random
        ? [
            areaY(
              rows(() => random),
              { ...band, z: null, fill: theme.quiet },
            ),
          ]
        : []),
      areaY(
        rows(one => one),
        { ...band, z: null, fill: colour },
      ),
      ...(random
        ? [
            lineY(
              rows(() => random),
              { ...line, stroke: theme.quiet, strokeWidth: 1.6 },
            ),
          ]
        : []),
      lineY(
        rows(one => one),
        { ...line, stroke: colour, strokeWidth: 2 },
      ),
      text(
        others.map((one, at) => place(at, { name: one.strategy })),
        {
          text: one => `${one.name} (grey: random)`,
          fx: 'fx',
          fy: 'fy',
          frameAnchor: 'top-left',
          dy: -12,
          fill: theme.text,
          fontWeight: 600,
        },
      ),
    ],
  }
  await sharp(Buffer.from(renderSvg(spec, document)), { density: 144 })
    .png()
    .toFile(path)
}
