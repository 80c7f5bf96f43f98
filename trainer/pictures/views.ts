import { type Augmentation, UNCHANGED, WHOLE } from './augmentation.ts'

/** A fixed way of looking at a picture, for test-time augmentation. */
export type View = Pick<Augmentation, 'box' | 'flip'>

/** The picture as it is. */
export const PLAIN_VIEW: View = { box: WHOLE, flip: false }

/** Area of the crops, of the whole: near what training saw. */
const CROP = 0.9

/**
 * Views over which test-time augmentation takes the mean: 1 the plain picture, 2 with its mirror image, 4 with a middle
 * crop of both, 12 with the four corners of both too.
 */
export function testTimeViews(count: 1 | 2 | 4 | 12): View[] {
  const boxes = [WHOLE]
  const [side, rest] = [CROP, 1 - CROP]
  const crop = (left: number, top: number) => ({ left, top, width: side, height: side })
  if (count >= 4) boxes.push(crop(rest / 2, rest / 2))
  if (count === 12) boxes.push(crop(0, 0), crop(rest, 0), crop(0, rest), crop(rest, rest))
  return boxes.flatMap(box =>
    count === 1 ? [{ box, flip: false }] : [false, true].map(flip => ({ box, flip })),
  )
}

/** A view as an augmentation that changes nothing else. */
export const asAugmentation = (view: View): Augmentation => ({ ...UNCHANGED, ...view })

/** Whether a view shows the whole picture, so that it needs no room for cropping. */
export const isWhole = ({ box }: View) => box.width === 1 && box.height === 1
