/** A figure by cases read: the mean over the seeds, the band from the lowest to the highest; random in grey. */
import { areaY, lineY, text } from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import sharp from 'sharp'
import { dist } from './dist.mjs'
import { overSeeds } from './summary.mjs'

const { renderSvg } = await dist('data/plots/render-svg.js')
const { frame } = await dist('data/plots/frame.js')
const { THEMES } = await dist('data/plots/palette.js')

/** @returns {Promise<Buffer>} a PNG */
export async function drawPoints(arms, { title, of }) {
  const theme = THEMES.light
  const { document } = parseHTML('<html></html>')
  const sets = [
    { name: 'random', colour: theme.quiet, dy: 7 },
    { name: 'balanced', colour: theme.heads.GGO, dy: -7 },
  ].map(one => ({ ...one, rows: overSeeds(arms, one.name, of) }))
  const marks = sets.flatMap(({ rows, colour, name, dy }) => [
    areaY(rows, { x: 'read', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.16 }),
    lineY(rows, { x: 'read', y: 'value', stroke: colour, strokeWidth: 2, marker: 'dot' }),
    text(rows.slice(-1), {
      x: 'read',
      y: 'value',
      text: () => name,
      dx: 8,
      dy,
      textAnchor: 'start',
      fill: colour,
    }),
  ])
  const spec = {
    ...frame(theme, { title, width: 560, height: 320 }),
    marginRight: 70,
    x: {
      label: 'cases read',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: sets[0].rows.map(row => row.read),
    },
    y: { label: null, ticks: 5, grid: true },
    marks,
  }
  return await sharp(Buffer.from(renderSvg(spec, document)), { density: 144 })
    .png()
    .toBuffer()
}
