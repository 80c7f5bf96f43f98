import { truthOf } from '../../data/journal/truth.ts'
import type { Act } from '../../data/records/act.ts'
import type { CaseState } from '../../data/records/case.ts'
import { perLesion } from '../../data/records/vocabulary.ts'
import type { Desk } from './context.ts'
import { isDrawn } from './drawn-share.ts'
import { REPEAT_AFTER } from './reading-book.ts'

/** Acts that say what somebody sees in the picture: nobody else's business before the own decision. */
const READINGS: ReadonlySet<Act['act']['kind']> = new Set(['label', 'reason', 'box', 'note', 'adjudicate'])

/**
 * What one person may see of cases. Before the own decision nobody sees another's reading: no label, box, cause or
 * note, no verdict, nor a truth that was made of them. In a share of the cases what the text says and the model
 * thinks is left out too, and cases that come again are shown as if they had not been read. Everything that a route
 * answers about a case passes through here; adjudication alone shows readings to who decides between them.
 */
export class ReaderView {
  readonly who: string
  readonly #again: ReadonlySet<string>
  readonly #blindShare: number
  readonly #audits: ReadonlySet<string>

  private constructor(
    who: string,
    again: ReadonlySet<string>,
    blind: { share: number; audits: ReadonlySet<string> },
  ) {
    this.who = who
    this.#again = again
    this.#blindShare = blind.share
    this.#audits = blind.audits
  }

  static async of(desk: Pick<Desk, 'workspace' | 'readings' | 'queue'>, who: string): Promise<ReaderView> {
    const { blindShare = 0, repeatShare = 0, repeatAfter = REPEAT_AFTER } = desk.workspace.settings
    const again = await desk.readings.due(who, { share: repeatShare, after: repeatAfter })
    const { audits } = await desk.queue.view()
    return new ReaderView(who, new Set(again), { share: blindShare, audits })
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

  /** What the text says and the model thinks is hidden until the decision. */
  isBlind(state: CaseState): boolean {
    return !this.hasDecided(state) && this.mayBeBlind(state.id)
  }

  /** The case is among those that are read blind, by whomever: a share by chance, and the queue's audit. */
  mayBeBlind(id: string): boolean {
    return this.#audits.has(id) || isDrawn(`blind ${id}`, this.#blindShare)
  }

  /** The case as the person may see it now. */
  state(state: CaseState): CaseState {
    if (this.hasDecided(state)) return state
    const isBlind = this.isBlind(state)
    // Most cases of a large workspace have nothing to hide.
    if (!isBlind && state.labels.length + state.notes.length === 0 && !state.adjudicated && !state.discuss)
      return state
    const { adjudicated: _adjudicated, published, ...bare } = state
    const mined: CaseState['mined'] = isBlind
      ? { flag: 'unstated', evidence: [], findings: perLesion(() => 'none') }
      : state.mined
    const shown = isBlind || published === undefined ? {} : { published }
    const open = this.#isOpenTalk(state)
    if (!open) delete bare.discuss
    return {
      ...bare,
      ...shown,
      mined,
      ...(isBlind ? { mentions: [], skipped: [] } : {}),
      labels: [],
      notes: state.notes.filter(note => note.who === this.who && !this.isRepeat(state.id)),
      truth: truthOf({ mined, labels: [], ...shown }),
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
    if (act.act.kind === 'discuss') return act.who !== this.who && !this.#isOpenTalk(state)
    return READINGS.has(act.act.kind) && (act.who !== this.who || this.isRepeat(state.id))
  }

  /** A question is for all, but where several read a case apart only for whom it names. */
  #isOpenTalk({ discuss, assigned }: CaseState): boolean {
    return !discuss || assigned.length < 2 || discuss.who === this.who || discuss.with === this.who
  }
}
