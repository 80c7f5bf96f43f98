import type { Region } from '../../records/document.ts'
import type { Random } from '../random.ts'
import type { Pdf } from './typesetter.ts'

/** A line chart or a bar chart in vectors: no raster picture in it. Returns the region that its ink covers. */
export function drawChart(
  pdf: Pdf,
  random: Random,
  bars: boolean,
  x: number,
  y: number,
  width: number,
  height: number,
): Region {
  const left = x + 34
  const bottom = y + height - 26
  const plotWidth = width - 44
  const plotHeight = height - 40
  pdf.lineWidth(0.8).strokeColor('black')
  pdf
    .moveTo(left, y + 8)
    .lineTo(left, bottom)
    .lineTo(left + plotWidth, bottom)
    .stroke()
  pdf.fillColor('black').font('Helvetica').fontSize(7)
  for (let i = 0; i <= 4; i++) {
    const ty = bottom - (plotHeight * i) / 4
    pdf
      .moveTo(left - 3, ty)
      .lineTo(left, ty)
      .stroke()
    pdf.text(String(bars ? i * 20 : i * 25), left - 24, ty - 3.5, {
      width: 18,
      align: 'right',
      lineBreak: false,
    })
  }
  const points = 7
  for (let i = 0; i < points; i++) {
    const tx = left + (plotWidth * (i + 0.5)) / points
    pdf.text(String(bars ? i + 1 : i * 4), tx - 3, bottom + 5, { lineBreak: false })
  }
  pdf.text(bars ? 'week' : 'days since onset', left + plotWidth / 2 - 20, bottom + 15, { lineBreak: false })
  const colours = ['#1b6ca8', '#b8432f', '#4b8b3b']
  if (bars)
    for (let i = 0; i < points; i++)
      for (let s = 0; s < 2; s++) {
        const share = random.between(0.15, 0.95)
        const bar = plotWidth / points / 3
        pdf
          .rect(
            left + (plotWidth * (i + 0.2)) / points + s * bar,
            bottom - plotHeight * share,
            bar * 0.9,
            plotHeight * share,
          )
          .fillAndStroke(colours[s]!, 'black')
      }
  else
    for (let s = 0; s < 3; s++) {
      const peak = random.between(1.5, 4.5)
      const high = random.between(0.45, 0.95)
      pdf.strokeColor(colours[s]!).lineWidth(1.1)
      const at = (i: number) => ({
        px: left + (plotWidth * (i + 0.5)) / points,
        py: bottom - plotHeight * high * Math.exp(-((i - peak) ** 2) / 5),
      })
      for (let i = 0; i < points; i++) {
        const { px, py } = at(i)
        if (i === 0) pdf.moveTo(px, py)
        else pdf.lineTo(px, py)
      }
      pdf.stroke()
      for (let i = 0; i < points; i++) {
        const { px, py } = at(i)
        pdf
          .moveTo(px, py - 5)
          .lineTo(px, py + 5)
          .stroke()
        pdf.circle(px, py, 1.8).fill(colours[s]!)
      }
    }
  pdf.strokeColor('black').fillColor('black').lineWidth(1)
  return [left - 18, y + 8, left + plotWidth, bottom + 22]
}

/** A flow diagram of boxes and arrows. Returns the region that its ink covers. */
export function drawDiagram(
  pdf: Pdf,
  random: Random,
  x: number,
  y: number,
  width: number,
  height: number,
): Region {
  const texts = [
    `Scans assessed (n = ${random.int(410, 640)})`,
    `Scans of sufficient quality (n = ${random.int(310, 400)})`,
    `Read by two radiologists (n = ${random.int(200, 300)})`,
  ]
  const box = { width: width * 0.57, height: height * 0.2 }
  pdf.lineWidth(0.8).strokeColor('black').fillColor('black').font('Helvetica').fontSize(7)
  for (const [i, text] of texts.entries()) {
    const top = y + 4 + (i * (height - box.height - 8)) / 2
    pdf.rect(x + 6, top, box.width, box.height).stroke()
    pdf.text(text, x + 12, top + box.height / 2 - 4, { lineBreak: false })
    if (i === 2) continue
    const middle = x + 6 + box.width / 2
    const end = y + 4 + ((i + 1) * (height - box.height - 8)) / 2
    pdf
      .moveTo(middle, top + box.height)
      .lineTo(middle, end - 4)
      .stroke()
    pdf
      .moveTo(middle - 3, end - 5)
      .lineTo(middle, end)
      .lineTo(middle + 3, end - 5)
      .fill()
    const sideTop = (top + box.height + end) / 2 - box.height * 0.35
    pdf
      .moveTo(middle, sideTop + box.height * 0.35)
      .lineTo(x + width * 0.68, sideTop + box.height * 0.35)
      .stroke()
    pdf.rect(x + width * 0.68, sideTop, width * 0.3, box.height * 0.7).stroke()
    pdf.text(`Excluded (n = ${random.int(20, 90)})`, x + width * 0.68 + 6, sideTop + box.height * 0.35 - 4, {
      lineBreak: false,
    })
  }
  return [x + 6, y + 4, x + width * 0.98, y + height - 4]
}
