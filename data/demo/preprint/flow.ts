import type { Random } from '../random.ts'
import { type FigurePlan, measureFigure, type PlacedFigure } from './figure.ts'
import { breakLines, heightOf, type Pdf, type Style, setLines } from './typesetter.ts'

/** How a preprint's pages are laid out. */
export interface PageLayout {
  size: 'A4' | 'LETTER'
  columns: 1 | 2
  font: 'Times' | 'Helvetica'
  textSize: number
  leading: number
  align: 'left' | 'justify'
  hyphenate: boolean
  lineNumbers: boolean
  /** A notice set upright along the left edge, as preprint servers print it. */
  sideNotice: boolean
  runningHead: string | null
  /** Where wide figures go: at the top of a page, or after the text, a page each or as many as fit. */
  wideFigures: 'top' | 'end' | 'packed'
}

/** A figure on the pages, with the page of its picture and of its caption. */
export interface FlowedFigure extends PlacedFigure {
  page: number
  captionPage: number
}

const FACES = {
  Times: { font: 'Times-Roman', bold: 'Times-Bold' },
  Helvetica: { font: 'Helvetica', bold: 'Helvetica-Bold' },
}

const PAPER = { A4: [595.28, 841.89], LETTER: [612, 792] } as const

/** Fills pages from top to bottom, column by column. */
export function openFlow(pdf: Pdf, layout: PageLayout, notice: string) {
  const [paperWidth, paperHeight] = PAPER[layout.size]
  const margin = layout.columns === 2 ? 48 : 72
  const bottom = paperHeight - 62
  const gutter = 18
  const columnWidth = layout.columns === 2 ? (paperWidth - 2 * margin - gutter) / 2 : paperWidth - 2 * margin
  const fullWidth = paperWidth - 2 * margin
  const face = FACES[layout.font]
  const body: Style = {
    ...face,
    size: layout.textSize,
    leading: layout.leading,
    align: layout.align,
    hyphenate: layout.hyphenate,
  }
  const captionStyle: Style = {
    ...body,
    size: layout.textSize - 1,
    leading: (layout.textSize - 1) * 1.25,
    hyphenate: layout.hyphenate,
  }
  const state = { page: 0, column: 0, y: 0, top: 0, line: 0 }
  /** Wide figures not yet set, with the height each needs. */
  const waiting: { height: number; set(top: number): Promise<number> }[] = []

  const numberLine = (top: number) => {
    if (!layout.lineNumbers) return
    state.line++
    pdf
      .font('Helvetica')
      .fontSize(6.5)
      .fillColor('#777')
      .text(String(state.line), margin - 30, top + 2, { lineBreak: false })
    pdf.fillColor('black')
  }
  const startPage = async () => {
    pdf.addPage({ size: layout.size, margin: 0 })
    state.page++
    state.column = 0
    state.top = margin
    if (layout.runningHead && state.page > 1) {
      const style: Style = { ...face, size: 8, leading: 10, colour: '#555' }
      setLines(pdf, breakLines(pdf, layout.runningHead, fullWidth, style), margin, 34, fullWidth, style)
    }
    pdf.font('Helvetica').fontSize(8).fillColor('#333')
    pdf.text(String(state.page), paperWidth / 2 - 4, paperHeight - 40, { lineBreak: false })
    if (layout.sideNotice) {
      pdf.save().rotate(-90, { origin: [20, paperHeight - 90] })
      pdf
        .font('Helvetica')
        .fontSize(7)
        .fillColor('#888')
        .text(notice, 20, paperHeight - 90, { lineBreak: false })
      pdf.restore()
    }
    pdf.fillColor('black')
    if (layout.wideFigures === 'top') {
      const next = waiting.shift()
      if (next) state.top = await next.set(state.top)
    }
    state.y = state.top
  }
  const left = () => margin + state.column * (columnWidth + gutter)
  const nextColumn = async () => {
    if (state.column + 1 < layout.columns) {
      state.column++
      state.y = state.top
    } else await startPage()
  }
  const paragraph = async (text: string, style: Style = body, gap = style.leading * 0.4) => {
    let lines = breakLines(pdf, text, columnWidth, style)
    const onLine = style === body ? numberLine : undefined
    while (lines.length > 0) {
      let room = Math.floor((bottom - state.y) / style.leading)
      if (room < Math.min(2, lines.length)) {
        await nextColumn()
        room = Math.floor((bottom - state.y) / style.leading)
      }
      const now = lines.slice(0, room)
      // An indent belongs to the first line only; the rest of a broken paragraph starts flush.
      setLines(pdf, now, left(), state.y, columnWidth, style, onLine)
      style = { ...style, indent: 0 }
      state.y += heightOf(now, style)
      lines = lines.slice(room)
    }
    state.y += gap
  }

  return {
    body,
    captionStyle,
    start: startPage,
    /** A block over the whole width at the top of the first page: title, authors, abstract. */
    wide(text: string, style: Style, gap = 6) {
      const lines = breakLines(pdf, text, fullWidth, style)
      setLines(pdf, lines, margin, state.y, fullWidth, style)
      state.y += heightOf(lines, style) + gap
      state.top = state.y
    },
    paragraph,
    async heading(text: string) {
      if (bottom - state.y < layout.leading * 4) await nextColumn()
      state.y += layout.leading * 0.4
      await paragraph(
        text,
        { ...body, font: face.bold, size: layout.textSize + 1, align: 'left', hyphenate: false },
        3,
      )
    },
    /** A figure as wide as a column, where the text stands. */
    async columnFigure(plan: FigurePlan, random: Random, put: (figure: FlowedFigure) => void) {
      const figure = measureFigure(pdf, plan, columnWidth, captionStyle, random)
      if (bottom - state.y < figure.height + 16) await nextColumn()
      state.y += 6
      put({ ...(await figure.place(left(), state.y)), page: state.page, captionPage: state.page })
      state.y += figure.height + 14
    },
    /** A figure over all columns: at the top of the next page, or after the text. */
    wideFigure(plan: FigurePlan, random: Random, put: (figure: FlowedFigure) => void) {
      const figure = measureFigure(pdf, plan, fullWidth, captionStyle, random)
      const set = async (top: number) => {
        put({ ...(await figure.place(margin, top)), page: state.page, captionPage: state.page })
        return top + figure.height + 18
      }
      waiting.push({ height: figure.height, set })
    },
    /** A picture that has a page of its own, its caption on the page after. */
    pageFigure(plan: FigurePlan, random: Random, put: (figure: FlowedFigure) => void) {
      const figure = measureFigure(pdf, plan, fullWidth, captionStyle, random)
      const set = async (top: number) => {
        const picture = await figure.placePicture(margin, top + 30)
        const page = state.page
        await startPage()
        put({
          ...picture,
          captionRegion: figure.placeCaption(margin, state.y),
          page,
          captionPage: state.page,
        })
        return state.y + figure.captionHeight + 18
      }
      waiting.push({ height: paperHeight, set })
    },
    async table(caption: string, rows: string[][]) {
      const style: Style = { ...captionStyle, align: 'left' }
      const step = style.leading * 1.2
      if (bottom - state.y < step * (rows.length + 3)) await nextColumn()
      await paragraph(caption, style, 4)
      const x = left()
      const rule = (y: number) =>
        pdf
          .moveTo(x, y)
          .lineTo(x + columnWidth, y)
          .lineWidth(0.6)
          .strokeColor('black')
          .stroke()
      rule(state.y)
      for (const [i, row] of rows.entries()) {
        for (const [column, cell] of row.entries())
          pdf
            .font(i === 0 ? face.bold : face.font)
            .fontSize(style.size - 1)
            .fillColor('black')
            .text(cell, x + 2 + (column === 0 ? 0 : columnWidth * (0.23 + 0.26 * column)), state.y + 3, {
              lineBreak: false,
            })
        state.y += step
        if (i === 0) rule(state.y)
      }
      rule(state.y + 2)
      state.y += 14
    },
    /** Sets what still waits and tells how many pages there are. */
    async finish(): Promise<number> {
      let top = bottom
      while (waiting.length > 0) {
        if (layout.wideFigures === 'packed' && waiting[0]!.height <= bottom - top) {
          top = await waiting.shift()!.set(top)
          continue
        }
        await startPage()
        if (layout.wideFigures !== 'top') top = await waiting.shift()!.set(state.top)
        if (layout.wideFigures === 'end') top = bottom
      }
      return state.page
    },
  }
}

export type Flow = ReturnType<typeof openFlow>
