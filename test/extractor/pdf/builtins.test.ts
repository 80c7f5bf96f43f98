import { expect, it } from 'vitest'
import { makePdf } from './make-pdf.ts'

const own = () => [Array.prototype.push, JSON.parse, JSON.stringify]

it('the engine keeps its own push, JSON.parse and JSON.stringify after a PDF was read', async () => {
  // pdf.js is loaded only now.
  const before = own()
  const { withPdf } = await import('../../../extractor/pdf/document.ts')
  await withPdf(await makePdf(pdf => void pdf.text('x')), 'made.pdf', async () => undefined)
  expect(own().every((builtin, i) => builtin === before[i])).toBe(true)
})
