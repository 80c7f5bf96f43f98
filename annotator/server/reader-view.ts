import { truthOf } from '../../data/journal/truth.ts'
import type { Act } from '../../data/records/act.ts'
import type { CaseState } from '../../data/records/case.ts'
import { perLesion } from '../../data/records/vocabulary.ts'
import type { Desk } from './context.ts'
import { isDrawn } from './drawn-share.ts'
import { given } from './query.ts'
import { REPEAT_AFTER } from './reading-book.ts'

/** Acts that say what somebody sees in the picture: nobody else's business before the own decision. */
const READINGS: ReadonlySet<Act['act']['kind']> = new Set(['label', 'reason', 'box', 'note', 'adjudicate'])
/** Acts that repeat words of the caption, or what they were taken to say. */
const TEXTUAL: ReadonlySet<Act['act']['kind']> = new Set(['caption', 'mention', 're-pair'])

interface Hidden {
  /** Share of the figures that are read blind. */
  share: number
  /** Cases of the queue drawn by chance to be read blind. */
  audits: ReadonlySet<string>
  /** Whether the text and the model are shown of the other cases. */
  showText: boolean
  showModel: boolean
}

/**
 * What one person may see of cases. Before the own decision nobody sees another's reading: no label, box, cause or
 * note, no verdict, nor a truth that was made of them. In cases read blind the caption, what was mined of it
 * and what the model thinks are left out too, and cases that come again are shown as if they had not been read. Everything that a route
 * answers about a case passes through here; adjudication alone shows readings to who decides between them.
 */
export class ReaderView {
  readonly who: string
  readonly #again: ReadonlySet<string>
  readonly #hidden: Hidden

  private constructor(who: string, again: ReadonlySet<string>, hidden: Hidden) {
    this.who = who
    this.#again = again
    this.#hidden = hidden
  }

  static async of(desk: Pick<Desk, 'workspace' | 'readings' | 'queue'>, who: string): Promise<ReaderView> {
    const { blindShare = 0, repeatShare = 0, repeatAfter = REPEAT_AFTER } = desk.workspace.settings
    const { showText = true, showModel = true } = desk.workspace.settings
    const again = await desk.readings.due(who, { share: repeatShare, after: repeatAfter })
    const audits = await desk.queue.audits()
    return new ReaderView(who, new Set(again), { share: blindShare, audits, showText, showModel })
  }

  /** The case comes once more, and the first reading must not be seen. */
  isRepeat(id: string): boolean {
    return this.#again.has(id)
  }

  /** The person has said what the case is, and may see what others say. */
  hasDecided(state: CaseState): boolean {
    return (
      !this.isRepeat(state.id) &&
      (state.adjudicated?.who === this.who || state.labels.some(label => label.who === this.who))
    )
  }

  /** What the text says, or the model thinks, or both, is hidden until the decision. */
  isBlind(state: CaseState): boolean {
    return this.hidesText(state) || this.hidesModel(state)
  }

  /** The caption, what was mined of it and what a dataset published are left out. */
  hidesText(state: CaseState): boolean {
    return !this.hasDecided(state) && (!this.#hidden.showText || this.#isDrawn(state.id))
  }

  /** The model's opinion and its heat maps are left out. */
  hidesModel(state: CaseState): boolean {
    return !this.hasDecided(state) && (!this.#hidden.showModel || this.#isDrawn(state.id))
  }

  /** The case is among those that are read blind, by whomever: all by setting, a share by chance, the queue's audit. */
  mayBeBlind(id: string): boolean {
    return !this.#hidden.showText || !this.#hidden.showModel || this.#isDrawn(id)
  }

  /** True where some case may have its text hidden: what a text says then answers no filter unseen. */
  get mayHideText(): boolean {
    const { share, audits, showText } = this.#hidden
    return !showText || share > 0 || audits.size > 0
  }

  /** What hides, as a word: it changes when the settings or the queue's audit do. */
  get hiddenBy(): string {
    const { share, audits, showText, showModel } = this.#hidden
    return [share, audits.size, showText, showModel].join(' ')
  }

  /** Panels of a figure share their caption, and are drawn together. */
  #isDrawn(id: string): boolean {
    const { share, audits } = this.#hidden
    return audits.has(id) || isDrawn(`blind ${figureOf(id)}`, share)
  }

  /** The case as the person may see it now. */
  state(state: CaseState): CaseState {
    if (this.hasDecided(state)) return state
    const hidesText = this.hidesText(state)
    // Most cases of a large workspace have nothing to hide.
    if (!hidesText && state.labels.length + state.notes.length === 0 && !state.adjudicated && !state.discuss)
      return state
    const { adjudicated: _adjudicated, ...bare } = hidesText ? withoutText(state) : state
    if (!this.#isOpenTalk(state)) delete bare.discuss
    return {
      ...bare,
      labels: [],
      notes: state.notes.filter(note => note.who === this.who && !this.isRepeat(state.id)),
      truth: truthOf({ mined: bare.mined, labels: [], ...given({ published: bare.published }) }),
    }
  }

  /** Acts of a case that the person may see now. */
  acts<A extends Act>(state: CaseState, acts: readonly A[]): A[] {
    if (this.hasDecided(state)) return [...acts]
    return acts.filter(act => !this.hides(state, act))
  }

  /** True for an act that says what somebody saw. */
  hides(state: CaseState, act: Act): boolean {
    if (this.hasDecided(state)) return false
    if (TEXTUAL.has(act.act.kind) && this.hidesText(state)) return true
    if (act.act.kind === 'discuss') return act.who !== this.who && !this.#isOpenTalk(state)
    return READINGS.has(act.act.kind) && (act.who !== this.who || this.isRepeat(state.id))
  }

  /** A question is for all, but where several read a case apart only for whom it names. */
  #isOpenTalk({ discuss, assigned }: CaseState): boolean {
    return !discuss || assigned.length < 2 || discuss.who === this.who || discuss.with === this.who
  }
}

/** The case as a picture: nothing of its caption, of what was mined of it, or of what a dataset published. */
export function withoutText(state: CaseState): CaseState {
  const { published: _published, minedCaption: _mined, ...bare } = state
  const mined: CaseState['mined'] = { flag: 'unstated', evidence: [], findings: perLesion(() => 'none') }
  const { labels, adjudicated } = state
  return {
    ...bare,
    caption: '',
    mentions: [],
    skipped: [],
    mined,
    truth: truthOf({ mined, labels, ...given({ adjudicated }) }),
  }
}

/** What its panels share: the id without the panel. A picture of its own is its own figure. */
function figureOf(id: string): string {
  return id.replace(/#[^#]*$/, '')
}
