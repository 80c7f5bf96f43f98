import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { readDicomFrames } from '../../../data/dicom/slice.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { packByCodec, packLosslessJpeg, packRunLength } from './pack-frames.ts'
import { type WrittenSlice, writeDicom } from './write-dicom.ts'

/** A Python with pydicom, numpy and pylibjpeg; without it this is skipped. */
const python = process.env['LESIONLOOP_PYDICOM']
if (!python)
  console.warn(
    'pydicom: LESIONLOOP_PYDICOM names no Python that has it; the comparison is left out (skipped)',
  )

const { width, height, pixels } = phantomSlice('pydicom', { width: 64, height: 48 })
const stored = Int16Array.from(pixels, grey => grey * 8)
const signed = stored.map(value => value - 1024)
const info = { width, height, bits: 16 }

async function samples(): Promise<Record<string, Partial<WrittenSlice>>> {
  const syntax = (name: string, ...frames: Uint8Array[][]) => ({
    syntax: `1.2.840.10008.1.2.${name}`,
    frames,
  })
  return {
    explicit: {},
    implicit: { syntax: '1.2.840.10008.1.2' },
    'big-endian': { syntax: '1.2.840.10008.1.2.2' },
    deflated: { syntax: '1.2.840.10008.1.2.1.99' },
    'signed-12-bits': { samples: signed.map(value => value & 0xfff), bits: { stored: 12, signed: true } },
    slope: { elements: { '0028,1053': ['DS', '0.5'] } },
    frames: { samples: [...stored, ...signed], elements: { '0028,0008': ['IS', '2'] } },
    'run-length': syntax('5', [packRunLength(signed)]),
    'jpeg-lossless': syntax('4.70', [packLosslessJpeg(signed, width, height)]),
    'jpeg-ls': syntax('4.80', [await packByCodec('charls', stored, info)]),
    'jpeg-2000': syntax('4.90', [await packByCodec('openjpeg', signed, { ...info, signed: true })]),
  }
}

describe.skipIf(!python)('beside pydicom', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pydicom-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('every packing gives the same Hounsfield units', async () => {
    for (const [name, given] of Object.entries(await samples())) {
      const bytes = writeDicom({ width, height, samples: stored, ...given })
      const frames: { hounsfield: number[] }[] = []
      for await (const { hounsfield } of readDicomFrames(bytes)) frames.push({ hounsfield: [...hounsfield!] })
      await writeFile(join(folder, `${name}.dcm`), bytes)
      await writeFile(join(folder, `${name}.json`), JSON.stringify({ frames }))
    }
    const script = packagePath('test', 'data', 'dicom', 'compare_pydicom.py')
    const { stdout } = await promisify(execFile)(python!, [script, folder])
    console.log(stdout)
    expect(stdout).toContain('furthest apart: 0 HU')
  }, 60_000)
})
