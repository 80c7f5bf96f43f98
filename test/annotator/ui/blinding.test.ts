import { describe, expect, it } from 'vitest'
import { isBlind, veil } from '../../../annotator/ui/review/blinding.ts'
import { startDraft } from '../../../annotator/ui/review/draft.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { caseReply, caseState, mention, opinion, said } from './cases.ts'

const caption = 'No ground-glass opacity.'
const reply = {
  ...caseReply(
    caseState({
      caption,
      mentions: [mention(caption, 'ground-glass opacity', { assertion: 'absent' })],
      mined: said({ GGO: 'absent' }, 'positive'),
      published: {
        flag: 'positive' as const,
        findings: perLesion(() => 'present' as const),
        dataset: 'covid-ct',
      },
    }),
  ),
  opinion: { ...opinion(0.9), cycle: '0001', promoted: false, side: 'pool' as const, fold: 0 },
  queue: { case: 'a', rank: 1, score: 1, strategy: 'entropy', head: 'GGO' as const, why: 'unsure of GGO' },
  disagreements: ['GGO' as const],
}

describe('blind reading', () => {
  it('hides nothing where both are shown, or once the person has decided', () => {
    expect(veil(reply, { showText: true, showModel: true }, false)).toBe(reply)
    expect(veil(reply, { showText: false, showModel: false }, true)).toBe(reply)
    expect(isBlind({ showText: true, showModel: true })).toBe(false)
  })

  it('hides the model with all that would give it away, and leaves the text', () => {
    const shown = veil(reply, { showText: true, showModel: false }, false)
    expect([shown.opinion, shown.queue, shown.disagreements]).toEqual([null, null, []])
    expect(shown.case.mined).toEqual(reply.case.mined)
  })

  it('hides what was mined and published, so that no proposal comes of it, and keeps the caption itself', () => {
    const shown = veil(reply, { showText: false, showModel: false }, false)
    expect(shown.case.caption).toBe(caption)
    expect(shown.case.mentions).toEqual([])
    expect(shown.case.published).toBeUndefined()
    expect(Object.values(startDraft(shown.case, shown.opinion, 'model').source)).toEqual(
      Array(6).fill('silent'),
    )
  })
})
