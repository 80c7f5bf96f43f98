import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { OUTSIDE, readDicomFrames, readDicomSlice } from '../../../data/dicom/slice.ts'
import { packByCodec, packLosslessJpeg, packRunLength } from './pack-frames.ts'
import { type Elements, type WrittenSlice, writeDicom } from './write-dicom.ts'

/** A slope of Hounsfield units with a jump, 13 × 9; stored with an intercept of −1024. */
const [width, height] = [13, 9]
const units = Array.from(
  { length: width * height },
  (_, at) => ((at * 37) % 2200) - 1000 + (at % width === 7 ? 300 : 0),
)
const stored = Int16Array.from(units, unit => unit + 1024)
const slice = (given: Partial<WrittenSlice> = {}) => writeDicom({ width, height, samples: stored, ...given })
const read = (given: Partial<WrittenSlice> = {}) => readDicomSlice(slice(given), { name: 'scan.dcm' })
const packed = (syntax: string, ...frames: Uint8Array[][]) => ({
  syntax: `1.2.840.10008.1.2.${syntax}`,
  frames,
})

describe('Hounsfield units of a CT slice', () => {
  it('are read from explicit, implicit, big endian and deflated files alike', async () => {
    for (const syntax of [
      '1.2.840.10008.1.2.1',
      '1.2.840.10008.1.2',
      '1.2.840.10008.1.2.2',
      '1.2.840.10008.1.2.1.99',
    ]) {
      const found = await read({ syntax })
      expect([...found.hounsfield!]).toEqual(units)
      expect(found).toMatchObject({
        width,
        height,
        frames: 1,
        modality: 'CT',
        transferSyntax: { uid: syntax },
      })
    }
  })

  it('are read from RLE, lossless JPEG, JPEG-LS and JPEG 2000', async () => {
    const info = { width, height, bits: 16 }
    for (const given of [
      packed('5', [packRunLength(stored)]),
      packed('4.70', [packLosslessJpeg(stored, width, height)]),
      packed('4.57', [packLosslessJpeg(stored, width, height, 12)]),
      packed('4.80', [await packByCodec('charls', new Uint16Array(stored), info)]),
      packed('4.90', [await packByCodec('openjpeg', stored, { ...info, signed: true })]),
    ])
      expect([...(await read(given)).hounsfield!], given.syntax).toEqual(units)
  })

  it('keep the sign of samples below zero in every packing', async () => {
    const samples = Int16Array.from(units)
    const elements = { '0028,1052': ['DS', '0'] } satisfies Elements
    const info = { width, height, bits: 16 }
    for (const given of [
      {},
      packed('5', [packRunLength(samples)]),
      packed('4.70', [packLosslessJpeg(samples, width, height)]),
      packed('4.80', [await packByCodec('charls', samples, info)]),
      packed('4.90', [await packByCodec('openjpeg', samples, { ...info, signed: true })]),
    ])
      expect([...(await read({ samples, elements, ...given })).hounsfield!]).toEqual(units)
  })

  it('come of slope and intercept', async () => {
    const elements = {
      '0028,1052': ['DS', '-1000.5'],
      '0028,1053': ['DS', '0.5'],
    } satisfies Elements
    const { hounsfield } = await read({ elements })
    expect(hounsfield![0]).toBe(0.5 * stored[0]! - 1000.5)
  })

  it('ignore bits beside the stored ones, and read 12 bits at the top of 16', async () => {
    const low = Int16Array.from(stored, value => value | 0xf000)
    const bits = { allocated: 16, stored: 12, signed: false } as const
    expect([...(await read({ samples: low, bits })).hounsfield!]).toEqual(units)
    const high = Int16Array.from(stored, value => (value << 4) | 5)
    expect([...(await read({ samples: high, bits: { ...bits, high: 15 } })).hounsfield!]).toEqual(units)
  })

  it('extend the sign of 12 stored bits', async () => {
    const samples = Int16Array.from(units, unit => unit & 0xfff)
    const bits = { allocated: 16, stored: 12, signed: true } as const
    const elements = { '0028,1052': ['DS', '0'] } satisfies Elements
    expect([...(await read({ samples, bits, elements })).hounsfield!]).toEqual(units)
  })

  it('are read of 8 bits too', async () => {
    const samples = Uint8Array.from(units, (_, at) => at)
    const { hounsfield } = await read({ samples, bits: { allocated: 8, signed: false } })
    expect([...hounsfield!]).toEqual(Array.from(samples, value => value - 1024))
  })

  it('are read of 8 bits in words of a big-endian file, an odd number of them too', async () => {
    const samples = Uint8Array.from(units, (_, at) => at)
    const swapped = Uint8Array.from({ length: samples.length + 1 }, (_, at) => samples[at ^ 1] ?? 0)
    const { hounsfield } = await read({
      syntax: '1.2.840.10008.1.2.2',
      bits: { allocated: 8, signed: false },
      elements: { '7fe0,0010': ['OW', swapped] },
    })
    expect([...hounsfield!]).toEqual(Array.from(samples, value => value - 1024))
  })

  it('lie below every window where the file says nothing was scanned', async () => {
    const samples = stored.with(3, -2000)
    const { hounsfield, pixels } = await read({ samples, elements: { '0028,0120': ['SS', [-2000]] } })
    expect(hounsfield![3]).toBe(OUTSIDE)
    expect(pixels.data[9]).toBe(0)
  })

  it('do not depend on MONOCHROME1, and low stays black', async () => {
    const elements = { '0028,0004': ['CS', 'MONOCHROME1'] } satisfies Elements
    const [one, two] = [await read({ elements }), await read()]
    expect(one.hounsfield).toEqual(two.hounsfield)
    expect(one.pixels.data).toEqual(two.pixels.data)
  })
})

describe('what is shown of a slice', () => {
  it('is the lung window, −1350 black to 150 white, unless another is asked for', async () => {
    const samples = Int16Array.from([-1400, -1350, -600, 150, 400, 0], unit => unit + 1024)
    const bytes = writeDicom({ width: 6, height: 1, samples })
    const grey = (data: Uint8Array) => Array.from({ length: 6 }, (_, at) => data[3 * at])
    expect(grey((await readDicomSlice(bytes)).pixels.data)).toEqual([0, 0, 128, 255, 255, 230])
    const soft = await readDicomSlice(bytes, { window: { centre: 40, width: 400 } })
    expect(grey(soft.pixels.data)).toEqual([0, 0, 0, 198, 255, 102])
  })

  it('names the windows of the file', async () => {
    const elements = {
      '0028,1050': ['DS', '-600\\40'],
      '0028,1051': ['DS', '1500\\400'],
      '0028,1055': ['LO', 'LUNG\\SOFT'],
    } satisfies Elements
    expect((await read({ elements })).windows).toEqual([
      { centre: -600, width: 1500, explanation: 'LUNG' },
      { centre: 40, width: 400, explanation: 'SOFT' },
    ])
  })

  it('is the whole range of a picture that is no CT, turned round by MONOCHROME1', async () => {
    const given = { samples: Int16Array.of(0, 50, 100, 200), width: 4, height: 1 }
    const elements = (photometric: string): Elements => ({
      '0008,0060': ['CS', 'DX'],
      '0028,0004': ['CS', photometric],
    })
    const greys = async (photometric: string) =>
      (await read({ ...given, elements: elements(photometric) })).pixels.data.filter((_, at) => at % 3 === 0)
    expect([...(await greys('MONOCHROME2'))]).toEqual([0, 64, 128, 255])
    expect([...(await greys('MONOCHROME1'))]).toEqual([255, 191, 127, 0])
    expect((await read({ ...given, elements: elements('MONOCHROME2') })).hounsfield).toBeNull()
  })

  it('is the colour of a colour picture, in pixels or planes, RGB or YBR', async () => {
    const red = [200, 0, 0]
    const given = { width: 2, height: 1, bits: { allocated: 8, signed: false } as const }
    const elements = (photometric: string, planar: number): Elements => ({
      '0008,0060': ['CS', 'OT'],
      '0028,0002': ['US', [3]],
      '0028,0004': ['CS', photometric],
      '0028,0006': ['US', [planar]],
    })
    const shown = async (samples: number[], photometric: string, planar: number) => [
      ...(await read({ ...given, samples, elements: elements(photometric, planar) })).pixels.data,
    ]
    expect(await shown([...red, 0, 0, 90], 'RGB', 0)).toEqual([...red, 0, 0, 90])
    expect(await shown([200, 0, 0, 0, 0, 90], 'RGB', 1)).toEqual([...red, 0, 0, 90])
    // Rec. 601, full range: (200, 0, 0) is Y 59.8, Cb 94.3, Cr 228.
    expect(await shown([60, 94, 228, 60, 94, 228], 'YBR_FULL', 0)).toEqual([200, 0, 0, 200, 0, 0])
    expect(await shown([60, 60, 94, 228], 'YBR_FULL_422', 0)).toEqual([200, 0, 0, 200, 0, 0])
    const packedRed = packed('5', [packRunLength(Uint8Array.of(...red, 0, 0, 90), 3)])
    const rle = await read({ ...given, samples: [], ...packedRed, elements: elements('RGB', 0) })
    expect([...rle.pixels.data]).toEqual([...red, 0, 0, 90])
  })

  it('is near the picture that a baseline JPEG holds', async () => {
    const grey = Uint8Array.from({ length: 256 }, (_, at) => at)
    const jpeg = await sharp(grey, { raw: { width: 16, height: 16, channels: 1 } })
      .toColourspace('b-w')
      .jpeg({ quality: 95 })
      .toBuffer()
    const { hounsfield } = await readDicomSlice(
      writeDicom({
        width: 16,
        height: 16,
        samples: [],
        bits: { allocated: 8, signed: false },
        ...packed('4.50', [jpeg]),
      }),
    )
    const worst = hounsfield!.reduce((most, value, at) => Math.max(most, Math.abs(value + 1024 - at)), 0)
    expect(worst).toBeLessThan(12)
  })
})

describe('a file of several frames', () => {
  const frames = [0, 1, 2].map(frame => stored.map(value => value + frame))
  const elements = { '0028,0008': ['IS', '3'] } satisfies Elements
  const third = units.map(unit => unit + 2)

  it('gives the frame asked for, and all in turn', async () => {
    const bytes = slice({ samples: frames.flatMap(frame => [...frame]), elements })
    expect([...(await readDicomSlice(bytes, { frame: 2 })).hounsfield!]).toEqual(third)
    const all: number[] = []
    for await (const { frame, frames: count, hounsfield } of readDicomFrames(bytes))
      all.push(frame, count, hounsfield![0]!)
    expect(all).toEqual([0, 3, units[0], 1, 3, units[0]! + 1, 2, 3, units[0]! + 2])
  })

  it('finds its fragments by the offset table, one by one, and by where a picture begins', async () => {
    const jpegs = frames.map(frame => packLosslessJpeg(frame, width, height))
    const halves = jpegs.map(jpeg => [jpeg.subarray(0, 40), jpeg.subarray(40)])
    for (const given of [
      { frames: jpegs.map(jpeg => [jpeg]) },
      { frames: jpegs.map(jpeg => [jpeg]), offsetTable: true },
      { frames: halves, offsetTable: true },
      { frames: halves },
    ]) {
      const bytes = slice({ syntax: '1.2.840.10008.1.2.4.70', elements, ...given })
      expect([...(await readDicomSlice(bytes, { frame: 2 })).hounsfield!]).toEqual(third)
    }
  })

  it('takes rescale, window and spacing of an enhanced file from the frame, else from the shared group', async () => {
    const group = (intercept: string) => ({
      '0028,9145': ['SQ', [{ '0028,1052': ['DS', intercept], '0028,1053': ['DS', '1'] }]] as ['SQ', never],
    })
    const bytes = slice({
      samples: frames.flatMap(frame => [...frame]),
      leaveOut: ['0028,1052', '0028,1053'],
      elements: {
        ...elements,
        '5200,9229': [
          'SQ',
          [
            {
              '0028,9110': ['SQ', [{ '0018,0050': ['DS', '5'], '0028,0030': ['DS', '0.7\\0.8'] }]],
              '0028,9132': ['SQ', [{ '0028,1050': ['DS', '-500'], '0028,1051': ['DS', '1400'] }]],
            },
          ],
        ],
        '5200,9230': ['SQ', [group('-1024'), group('-1024'), group('-2000')]],
      },
    })
    const found = await readDicomSlice(bytes, { frame: 2 })
    expect(found.hounsfield![0]).toBe(units[0]! + 2 - 976)
    expect(found).toMatchObject({
      spacing: [0.7, 0.8],
      thickness: 5,
      windows: [{ centre: -500, width: 1400 }],
    })
  })

  it('refuses a frame it does not have', async () => {
    await expect(readDicomSlice(slice(), { frame: 1, name: 'scan.dcm' })).rejects.toMatchObject({
      code: 'dicom-frame',
      message: expect.stringContaining('scan.dcm: frame 2: expected 1 to 1'),
    })
  })
})

describe('who the patient is', () => {
  it('is listed by the names of the elements, never by what they hold', async () => {
    const elements = {
      '0010,0010': ['PN', 'Doe^Jane'],
      '0010,0020': ['LO', '4711'],
      '0008,0080': ['LO', 'ANONYMIZED'],
      '0010,0030': ['DA', ''],
      '0028,0301': ['CS', 'YES'],
    } satisfies Elements
    const { identifying } = await read({ elements })
    expect(identifying).toEqual([
      { tag: '(0010,0010)', name: 'PatientName' },
      { tag: '(0010,0020)', name: 'PatientID' },
      { tag: '(0028,0301)', name: 'BurnedInAnnotation' },
    ])
    expect(JSON.stringify(identifying)).not.toMatch(/Doe|4711/)
  })

  it('is nothing where the slice is anonymised', async () => {
    expect((await read()).identifying).toEqual([])
  })
})

describe('a file that is no sound slice', () => {
  const refusal = (bytes: Uint8Array) =>
    readDicomSlice(bytes, { name: 'scan.dcm' }).then(
      () => 'read',
      error => `${error.code}: ${error.message}`,
    )

  it('that is no DICOM file at all is told so', async () => {
    expect(await refusal(new Uint8Array(500))).toMatch(/^dicom-not: dicom: scan\.dcm: no "DICM"/)
    expect(await refusal(new Uint8Array(3))).toMatch(/^dicom-not/)
  })

  it('is told to be cut short wherever it is cut', async () => {
    const whole = slice()
    for (const length of [140, 300, 420, whole.length - 1])
      expect(await refusal(whole.subarray(0, length)), String(length)).toMatch(
        /^dicom-(truncated|damaged|no-pixels)/,
      )
    expect(await refusal(whole.subarray(0, whole.length - 10))).toMatch(/cut short/)
  })

  it('never gives a slice when an encapsulated file is cut', async () => {
    const whole = slice(packed('4.70', [packLosslessJpeg(stored, width, height)]))
    for (let length = whole.length - 12; length > 200; length -= 37)
      expect(await refusal(whole.subarray(0, length)), String(length)).toMatch(/^dicom-/)
  })

  it('without pixels says what it is', async () => {
    const report = slice({ leaveOut: ['7fe0,0010', '0028,0010'], elements: { '0008,0060': ['CS', 'SR'] } })
    expect(await refusal(report)).toMatch(/^dicom-no-pixels.*modality SR/)
  })

  it('of a transfer syntax nobody reads here names it', async () => {
    expect(await refusal(slice(packed('4.102', [new Uint8Array(10)])))).toMatch(/^dicom-syntax.*MPEG-4 video/)
    expect(await refusal(slice({ syntax: '1.2.3.99' }))).toMatch(/^dicom-syntax.*1\.2\.3\.99/)
  })

  it('with pixels of another kind says which', async () => {
    expect(await refusal(slice({ elements: { '0028,0004': ['CS', 'PALETTE COLOR'] } }))).toMatch(
      /PALETTE COLOR: expected/,
    )
    expect(await refusal(slice({ elements: { '0028,0100': ['US', [32]] } }))).toMatch(
      /32 bits allocated: expected 8 or 16/,
    )
  })

  it('with a damaged frame says which frame and packing', async () => {
    for (const [syntax, name] of [
      ['5', 'RLE'],
      ['4.50', 'JPEG Baseline'],
      ['4.70', 'JPEG Lossless'],
      ['4.80', 'JPEG-LS'],
      ['4.90', 'JPEG 2000'],
    ] as const)
      expect(await refusal(slice(packed(syntax, [new Uint8Array(100).fill(7)]))), syntax).toMatch(
        new RegExp(`^dicom-damaged: dicom: scan\\.dcm: frame 1 of ${name}`),
      )
  })

  it('with a frame of another size than its header is refused', async () => {
    const small = packLosslessJpeg(stored, width, height - 1)
    expect(await refusal(slice(packed('4.70', [small])))).toMatch(/13 × 8 pixels of 1 in the frame, 13 × 9/)
  })
})
