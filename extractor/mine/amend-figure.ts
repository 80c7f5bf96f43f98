import { existsSync } from 'node:fs'
import { figureOf } from '../../data/journal/reach.ts'
import type {
  CaptionReading,
  DrawnPanel,
  MinedCase,
  MinedLabel,
  PanelLayout,
} from '../../data/records/case.ts'
import type { Figure } from '../../data/records/document.ts'
import { figurePicture, panelBoxes, panelKinds, sameBox } from '../../data/records/figure-panels.ts'
import type { Progress } from '../../data/records/job.ts'
import { minedLabelFor, type ShownPanel } from '../../data/records/panel-findings.ts'
import { writeFileAtomically } from '../../data/workspace/files.ts'
import { encodePng, imageId, type Pixels, readPixels } from '../../data/workspace/images.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pictureAt } from '../../data/workspace/picture-at.ts'
import { kindOf } from '../kinds/kind.ts'
import { cutPanel } from '../panels/cut.ts'
import type { Miner } from '../text/miner.ts'
import type { Correction } from './corrections.ts'

interface FigureAmendment {
  miner: Miner
  /** What was cut of this figure before: cut again only where its picture changed. */
  earlier: readonly MinedCase[]
  /** The figure as it was mined; absent for rows of tables. */
  figure?: Figure
  /** Title and abstract of the document. */
  context: string
  onProblem: (problem: NonNullable<Progress['problem']>) => void
}

type Box = DrawnPanel['box']
type Kind = MinedCase['kind'] | undefined
type Place = { case: string; here: NonNullable<PanelLayout['here']> }

/**
 * A figure's cases with the readings of its corrected captions and the layouts of panels drawn by hand, and the cases
 * cut for those. A panel drawn where a mined one is (to 6 thousandths of the picture) is that one, with its labels, even
 * under another letter; a new one is known by the pixels it is cut to.
 */
export async function amendFigure(
  workspace: Workspace,
  mined: readonly MinedCase[],
  { texts, drawings }: Correction,
  of: FigureAmendment,
): Promise<{ made: MinedCase[]; captions: number; panels: number }> {
  const first = mined[0]!
  const corrected = texts.filter(text => text !== first.caption)
  const readings = corrected.map((text): CaptionReading => {
    const { findings: _findings, ...found } = of.miner.mine(text, of.context)
    return { text, ...found }
  })
  const figureText = of.figure?.text ?? of.miner.mine(first.caption, of.context)
  const labelFor = (panel: ShownPanel): MinedLabel => minedLabelFor(figureText, panel)
  const cutter = new Cutter(workspace, mined, of)
  const places: { panels: DrawnPanel[]; here: Map<string, Place['here']> }[] = []
  for (const panels of drawings) {
    const here = new Map<string, Place['here']>()
    for (const [order, { label, box }] of panels.entries()) {
      const id = await cutter.caseAt(box)
      if (id === undefined || here.has(id)) {
        of.onProblem({
          item: figureOf(first),
          code: id === undefined ? 'panel-empty' : 'panel-twice',
          message: `panel: ${figureOf(first)}: ${label ?? `number ${order + 1}`}: ${id === undefined ? 'nothing but paper, or under 16 pixels, inside its lines' : 'the same picture as another panel of this drawing'}; draw its lines again`,
        })
        continue
      }
      const shown = { label, wholeFigure: panels.length === 1 }
      here.set(id, { panel: label, order, mined: labelFor(shown) })
    }
    places.push({ panels, here })
  }
  const cases = [...mined, ...cutter.made.values()]
  return {
    made: cases.map(each => {
      const layouts = places.map(
        ({ panels, here }): PanelLayout => ({ panels, here: here.get(each.id) ?? null }),
      )
      const { readings: _readings, layouts: _layouts, ...plain } = each
      return {
        ...plain,
        ...(readings.length > 0 ? { readings } : {}),
        ...(layouts.length > 0 ? { layouts } : {}),
      }
    }),
    captions: readings.length,
    panels: cutter.made.size,
  }
}

/** Gives each drawn box its case: the mined one that is there, or one cut out of the figure's picture. */
class Cutter {
  readonly made = new Map<string, MinedCase>()
  readonly #workspace: Workspace
  readonly #mined: readonly MinedCase[]
  readonly #earlier: readonly MinedCase[]
  readonly #boxes: readonly (Box | null)[]
  /** Kinds of the figure's parts, in the order of their boxes. */
  readonly #kinds: readonly Kind[]
  readonly #picture: { id: string; file: string } | null
  #pixels: Promise<Pixels> | undefined

  constructor(workspace: Workspace, mined: readonly MinedCase[], { figure, earlier }: FigureAmendment) {
    this.#workspace = workspace
    this.#mined = mined
    this.#earlier = earlier
    this.#boxes = figure ? panelBoxes(figure) : mined.length === 1 ? [[0, 0, 1, 1]] : []
    this.#kinds = figure ? panelKinds(figure) : mined.map(each => each.kind)
    this.#picture = figurePicture(mined)
  }

  async caseAt(box: Box): Promise<string | undefined> {
    const there = this.#mined.find(each => {
      const own = this.#boxes[each.order]
      return own && sameBox(own, box)
    })
    if (there) return there.id
    if (!this.#picture) return undefined
    const { id: from, file } = this.#picture
    const known = this.#earlier.find(each => each.drawn && sameSides(each.drawn.box, box))
    const isCurrent = known?.drawn?.from === from && this.#isThere(known.imageFile)
    const made = isCurrent ? this.#renewed(known) : await this.#cut(file, from, box, known?.id)
    if (made?.drawn && !this.made.has(made.id)) this.made.set(made.id, made)
    return made?.id
  }

  /**
   * What the miner took the part of the figure for that lies under a box: a judge of whole pictures may be wrong about a
   * small cut, and who drew it saw it.
   */
  #kindUnder(box: Box): MinedCase['kind'] | undefined {
    const shared = (own: Box | null | undefined) =>
      own
        ? Math.max(0, Math.min(own[2], box[2]) - Math.max(own[0], box[0])) *
          Math.max(0, Math.min(own[3], box[3]) - Math.max(own[1], box[1]))
        : 0
    const parts = this.#kinds.map((kind, i) => ({ kind, area: shared(this.#boxes[i]) }))
    const best = parts.reduce((a, b) => (b.area > a.area ? b : a), { kind: undefined as Kind, area: 0 })
    return best.kind
  }

  #isThere(file: string): boolean {
    return existsSync(this.#workspace.paths.image(file))
  }

  /** A case cut before, with what the miner says of its figure now. */
  #renewed(known: MinedCase): MinedCase {
    const { id, image, imageFile, width, height, kind, drawn } = known
    return { ...this.#blank(), id, image, imageFile, width, height, kind, drawn: drawn! }
  }

  /** What a cut panel shares with its figure; what is said of it comes with each layout it stands in. */
  #blank(): MinedCase {
    const first = this.#mined[0]!
    const {
      readings: _readings,
      layouts: _layouts,
      figureImage: _whole,
      published: _published,
      supersedes: _supersedes,
      ...shared
    } = first
    const covid = { flag: first.mined.flag, evidence: first.mined.evidence }
    return {
      ...shared,
      panel: null,
      order: this.#mined.length + this.made.size,
      figureImage: this.#picture!,
      mined: minedLabelFor(
        { covid, mentions: first.mentions, panels: {} },
        { label: null, wholeFigure: false },
      ),
    }
  }

  /** @param id of what was cut along these lines before, where the figure's picture is another since. */
  async #cut(file: string, from: string, box: Box, id?: string): Promise<MinedCase | undefined> {
    this.#pixels ??= pictureAt(this.#workspace, file).then(readPixels)
    const pixels = cutPanel(await this.#pixels, box)
    if (!pixels) return undefined
    const image = imageId(pixels)
    // Drawn around a mined picture so closely that the same pixels are left: it is that picture.
    const same = this.#mined.find(each => each.image === image)
    if (same) return same
    const imageFile = `${image}.png`
    if (!this.#isThere(imageFile))
      await writeFileAtomically(
        this.#workspace.files,
        this.#workspace.paths.image(imageFile),
        await encodePng(pixels),
      )
    return {
      ...this.#blank(),
      id: id ?? `${figureOf(this.#mined[0]!)}#@${image.slice(0, 16)}`,
      image,
      imageFile,
      width: pixels.width,
      height: pixels.height,
      kind: this.#kindUnder(box) ?? kindOf(pixels),
      drawn: { from, box },
    }
  }
}

const sameSides = (a: Box, b: Box) => a.every((side, i) => side === b[i])
