import { PassThrough } from 'node:stream'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { LesionloopError } from '../../../data/errors.ts'
import { checkSize, pictureDoubts } from '../../../trainer/live/picture-doubts.ts'
import { serveLines } from '../../../trainer/live/serve-lines.ts'

async function answersTo(lines: string[]): Promise<unknown[]> {
  const input = new PassThrough()
  const output = new PassThrough()
  for (const line of lines) input.write(`${line}\n`)
  input.end()
  await serveLines(input, output, async request => {
    if (request.verb === 'heat-map') throw new LesionloopError('maps-absent', 'heat map: none')
    return request.name
  })
  return String(output.read() ?? '')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as unknown)
}

const ask = (id: number, more: object) => JSON.stringify({ id, ...more })

describe('requests over a pipe', () => {
  it('are answered in order, each by its id', async () => {
    const lines = [1, 2].map(id => ask(id, { verb: 'diagnose', picture: '', name: `n${id}` }))
    expect(await answersTo(lines)).toEqual([
      { id: 1, ok: true, result: 'n1' },
      { id: 2, ok: true, result: 'n2' },
    ])
  })

  it('that fail are answered with code and words, and the next is answered still', async () => {
    const lines = [
      ask(1, { verb: 'heat-map', file: 'a.png', head: 'GGO' }),
      ask(2, { verb: 'diagnose', picture: '', name: 'n' }),
    ]
    expect(await answersTo(lines)).toMatchObject([
      { ok: false, error: { code: 'maps-absent' } },
      { ok: true },
    ])
  })

  it('that are none, or leave the images folder, are refused', async () => {
    const lines = [
      '{',
      '[]',
      ask(3, { verb: 'erase' }),
      ask(4, { verb: 'heat-map', file: '../x.png', head: 'GGO' }),
    ]
    const answers = (await answersTo(lines)) as { id: number; ok: boolean }[]
    expect(answers.map(({ id, ok }) => [id, ok])).toEqual([
      [0, false],
      [0, false],
      [3, false],
      [4, false],
    ])
  })
})

describe('what is given as a slice', () => {
  const filled = (width: number, height: number, pixel: (at: number) => [number, number, number]) => ({
    width,
    height,
    data: Uint8Array.from(Array.from({ length: width * height }, (_, at) => pixel(at)).flat()),
  })
  const codeOf = (of: () => unknown) => {
    try {
      of()
    } catch (error) {
      return (error as LesionloopError).code
    }
    return null
  }

  it('is refused where it is tiny, of one tone or in colour', () => {
    const colour = filled(80, 80, at => (at % 2 ? [250, 20, 20] : [20, 20, 250]))
    expect(
      codeOf(() =>
        pictureDoubts(
          filled(20, 80, at => [at % 255, at % 255, at % 255]),
          'x',
        ),
      ),
    ).toBe('image-not-ct')
    expect(
      codeOf(() =>
        pictureDoubts(
          filled(80, 80, () => [90, 90, 90]),
          'x',
        ),
      ),
    ).toBe('image-not-ct')
    expect(codeOf(() => pictureDoubts(colour, 'x'))).toBe('image-not-ct')
  })

  it('is doubted in words where it is bright all over or far from square, and not where it looks like a slice', () => {
    const bright = filled(80, 80, at => (at % 2 ? [250, 250, 250] : [180, 180, 180]))
    const slice = (width: number) => filled(width, 80, at => (at % 2 ? [10, 10, 10] : [180, 180, 180]))
    expect(pictureDoubts(bright, 'x')).toHaveLength(1)
    expect(pictureDoubts(slice(300), 'x')).toHaveLength(1)
    expect(pictureDoubts(slice(90), 'x')).toEqual([])
  })

  it('is refused by its pixels before it is decoded, and where it is no picture', async () => {
    const large = await sharp({ create: { width: 6000, height: 6000, channels: 3, background: 'black' } })
      .png()
      .toBuffer()
    await expect(checkSize(large, 'x')).rejects.toMatchObject({ code: 'image-too-large' })
    await expect(checkSize(Buffer.from('hello'), 'x')).rejects.toMatchObject({ code: 'image-undecodable' })
  })
})
