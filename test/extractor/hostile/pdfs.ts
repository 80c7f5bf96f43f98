import { deflateSync } from 'node:zlib'

/** A PDF of numbered objects, the first of which is its catalogue. */
export function pdfOf(objects: (string | Buffer)[]): Buffer {
  const parts = [Buffer.from('%PDF-1.7\n')]
  const starts: number[] = []
  let at = parts[0]!.length
  for (const [index, object] of objects.entries()) {
    starts.push(at)
    const part = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      Buffer.from(object as string),
      Buffer.from('\nendobj\n'),
    ])
    parts.push(part)
    at += part.length
  }
  const table = starts.map(start => `${String(start).padStart(10, '0')} 00000 n \n`).join('')
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(parts)
}

const CATALOGUE = '<< /Type /Catalog /Pages 2 0 R >>'
const ONE_PAGE = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'
const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'
const CAPTION = 'BT /F1 10 Tf 140 425 Td (Figure 1. An axial slice of the chest with consolidation.) Tj ET\n'
const PLACE = 'q 320 0 0 240 140 450 cm /I0 Do Q\n'

function stream(dictionary: string, bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes as string)
  return Buffer.concat([
    Buffer.from(`<< ${dictionary} /Length ${content.length} >>\nstream\n`),
    content,
    Buffer.from('\nendstream'),
  ])
}

/** A page with a caption and whatever is painted as /I0; further objects count from 6. */
function pageWith(
  objects: (string | Buffer)[],
  { box = '[0 0 600 800]', content = stream('', PLACE + CAPTION) } = {},
): Buffer {
  const page = `<< /Type /Page /Parent 2 0 R /MediaBox ${box} /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> /XObject << /I0 6 0 R >> >> >>`
  return pdfOf([CATALOGUE, ONE_PAGE, page, FONT, content, ...objects])
}

/** So many zeros, deflated once for each level: a megabyte of them is a kilobyte, and again a few bytes. */
function bomb(bytes: number, levels: number): Buffer {
  let packed = deflateSync(Buffer.alloc(bytes), { level: 9 })
  for (let level = 1; level < levels; level++) packed = deflateSync(packed, { level: 9 })
  return packed
}

const filters = (levels: number) => `/Filter [${'/FlateDecode '.repeat(levels)}]`
const image = (width: number, height: number, more = '') =>
  `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 ${more}`

/** PDFs that mean harm, by what they try. Each is made here, a few bytes from the format's own rules. */
export const HOSTILE_PDFS: Record<string, () => Buffer> = {
  'a page content of 2 GB, deflated twice': () =>
    pageWith([stream(image(1, 1), '\0\0\0')], { content: stream(filters(2), bomb(2 ** 31 - 2 ** 20, 2)) }),
  'a picture whose bytes unpack to 2 GB': () =>
    pageWith([stream(image(8000, 8000, filters(2)), bomb(2 ** 31 - 2 ** 20, 2))]),
  'a picture of 100,000 × 100,000 pixels': () =>
    pageWith([stream(image(100_000, 100_000, filters(1)), bomb(2 ** 20, 1))]),
  'a page of 10 million points a side': () =>
    pageWith([stream(image(1, 1), '\0\0\0')], {
      box: '[0 0 10000000 10000000]',
      content: stream('', `q 9000000 0 0 9000000 0 900000 cm /I0 Do Q\n${CAPTION}`),
    }),
  'a million pages that are one': () =>
    pdfOf([
      CATALOGUE,
      `<< /Type /Pages /Kids [${'3 0 R '.repeat(1e6)}] /Count 1000000 >>`,
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>',
    ]),
  'a count of two billion pages': () =>
    pdfOf([
      CATALOGUE,
      '<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>',
    ]),
  'a tree of pages that holds itself': () =>
    pdfOf([CATALOGUE, '<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 4 >>']),
  'a tree of pages a hundred thousand deep': () => {
    const depth = 100_000
    const nodes = Array.from(
      { length: depth },
      (_, i) => `<< /Type /Pages /Parent ${i + 1} 0 R /Kids [${i + 3} 0 R] /Count 1 >>`,
    )
    const leaf = `<< /Type /Page /Parent ${depth + 1} 0 R /MediaBox [0 0 600 800] >>`
    return pdfOf([CATALOGUE, ...nodes, leaf])
  },
  'a drawing that paints itself': () =>
    pageWith([
      stream(
        '/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /I0 6 0 R >> >>',
        '/I0 Do /I0 Do',
      ),
    ]),
  'drawings that paint each other 2^40 times': () => {
    const forms = Array.from({ length: 40 }, (_, i) =>
      stream(
        `/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /N ${i + 7} 0 R >> >>`,
        '/N Do /N Do',
      ),
    )
    return pageWith([...forms, stream(image(1, 1), '\0\0\0')])
  },
  'a length that is its own stream': () =>
    pageWith([Buffer.from(`<< ${image(4, 4)} /Length 6 0 R >>\nstream\nxxxx\nendstream`)]),
  'a picture whose mask is itself': () => pageWith([stream(image(2, 2, '/SMask 6 0 R'), Buffer.alloc(12))]),
  'arrays a million deep': () =>
    pdfOf([CATALOGUE, ONE_PAGE, `<< /Type /Page /Parent 2 0 R /MediaBox ${'['.repeat(1e6)} >>`]),
  'a script that runs on opening, and a font program that is one': () =>
    pdfOf([
      '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>',
      ONE_PAGE,
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>',
      // CVE-2024-4367: what stood in a FontMatrix was run where eval was allowed.
      '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /FontMatrix [1 2 3 4 5 (0\\); globalThis.lesionloopWasHere = 1; process.exit\\(7\\)//)] >>',
      stream('', CAPTION),
    ]),
}
