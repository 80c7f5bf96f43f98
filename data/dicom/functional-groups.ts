import type { DataSet } from 'dicom-parser'

/**
 * What holds for one frame: in an enhanced multi-frame file its own functional group, else the shared one, else the file
 * itself (PS3.3, C.7.6.16).
 * @param sequence the tag of the group's sequence; @param tag an element that must be in it.
 */
export function ofFrame(dataSet: DataSet, frame: number, sequence: string, tag: string): DataSet | undefined {
  const perFrame = dataSet.elements['x52009230']?.items?.[frame]?.dataSet
  const shared = dataSet.elements['x52009229']?.items?.[0]?.dataSet
  for (const group of [perFrame, shared]) {
    const found = group?.elements[sequence]?.items?.[0]?.dataSet
    if (found?.elements[tag]) return found
  }
  return dataSet.elements[tag] ? dataSet : undefined
}

export const PIXEL_VALUE_TRANSFORMATION = 'x00289145'
export const FRAME_VOI_LUT = 'x00289132'
export const PIXEL_MEASURES = 'x00289110'
