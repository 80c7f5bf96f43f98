import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldCase } from '../../../data/journal/fold.ts'
import { figureOf, figureOfId, isFigureWide, reaching } from '../../../data/journal/reach.ts'
import { standing, takenBack } from '../../../data/journal/undo.ts'
import type { Act, ActPayload } from '../../../data/records/act.ts'
import { findingsFor } from '../../../data/records/panel-findings.ts'
import { CAPTION, findings, labelAct, mentionOf, sampleCase, samplePanels } from '../stores/sample.ts'
import { anyHistory, numbered } from './sample-acts.ts'

const [A, B] = samplePanels('AB')
const at = (panel: string) => `doc-1#Figure 1#${panel}`
const fold = (acts: { who?: string; case?: string; act: ActPayload }[], mined = A!) =>
  foldCase(mined, numbered(acts))
const undo = (seq: number) => ({ act: { kind: 'undo' as const, seq } })
const where = (words: string) => {
  const { start, end } = mentionOf(words, 'GGO')
  return { start, end }
}

describe('a case nobody touched', () => {
  test('stands as it was mined', () => {
    expect(foldCase(A!, [])).toEqual({
      ...A,
      version: 0,
      labels: [],
      notes: [],
      assigned: [],
      truth: expect.anything(),
      edited: false,
    })
  })
})

describe('labels', () => {
  test('of a person: the last one counts', () => {
    const state = fold([
      { act: labelAct({ GGO: 'present' }) },
      { act: labelAct({ GGO: 'absent' }, 'negative') },
    ])
    expect(state.labels).toMatchObject([{ who: 'ann', flag: 'negative', seq: 2, lesions: { GGO: 'absent' } }])
    expect(state.version).toBe(2)
  })

  test('of several people stand side by side, in the order of giving', () => {
    const state = fold([
      { who: 'bob', act: labelAct() },
      { who: 'ann', act: labelAct() },
    ])
    expect(state.labels.map(label => label.who)).toEqual(['bob', 'ann'])
  })

  test('of another case are not mixed in', () => {
    expect(fold([{ case: at('B'), act: labelAct() }])).toMatchObject({ labels: [], version: 0 })
  })

  test('carry the reason why a case can not be assessed', () => {
    const state = fold([{ act: { ...labelAct(), notAssessable: 'motion' } }])
    expect(state.labels[0]!.notAssessable).toBe('motion')
    expect(state.truth.flag).toEqual({ value: null, source: 'expert' })
    expect(state.truth.lesions.GGO).toEqual({ value: null, source: 'expert' })
  })
})

describe('reasons', () => {
  const reason = (cause: 'missed-term' | 'wrong-term') => ({
    act: { kind: 'reason' as const, head: 'GGO' as const, cause },
  })

  test('belong to the person’s label; the last of a head counts', () => {
    const state = fold([{ act: labelAct({ GGO: 'present' }) }, reason('missed-term'), reason('wrong-term')])
    expect(state.labels[0]!.causes).toEqual([{ head: 'GGO', cause: 'wrong-term' }])
  })

  test('stay with a later label that says the same of the head', () => {
    const state = fold([
      { act: labelAct({ GGO: 'present' }) },
      reason('missed-term'),
      { act: labelAct({ GGO: 'present', CrPa: 'present' }) },
    ])
    expect(state.labels[0]!.causes).toEqual([{ head: 'GGO', cause: 'missed-term' }])
  })

  test('go with the decision they explained', () => {
    const state = fold([
      { act: labelAct({ GGO: 'present' }) },
      reason('missed-term'),
      { act: labelAct({ GGO: 'absent' }) },
    ])
    expect(state.labels[0]!.causes).toEqual([])
  })

  test('of another person are theirs', () => {
    const state = fold([{ act: labelAct() }, { who: 'bob', ...reason('missed-term') }])
    expect(state.labels[0]!.causes).toEqual([])
  })
})

describe('boxes', () => {
  const box = { kind: 'box' as const, lesion: 'GGO' as const, x: 0.1, y: 0.2, width: 0.3, height: 0.4 }
  const { kind: _, ...drawn } = box

  test('are kept with the person’s label, also when drawn before it', () => {
    expect(fold([{ act: box }, { act: labelAct() }]).labels[0]!.boxes).toEqual([drawn])
  })

  test('are taken away by the same box removed', () => {
    expect(
      fold([{ act: labelAct() }, { act: box }, { act: { ...box, removed: true } }]).labels[0]!.boxes,
    ).toEqual([])
  })

  test('drawn twice are one', () => {
    expect(fold([{ act: labelAct() }, { act: box }, { act: box }]).labels[0]!.boxes).toEqual([drawn])
  })
})

describe('notes, discussion, assignment, kind', () => {
  test('notes pile up', () => {
    const state = fold([
      { act: { kind: 'note', text: 'one' } },
      { who: 'bob', act: { kind: 'note', text: 'two' } },
    ])
    expect(state.notes.map(({ who, text, seq }) => [who, text, seq])).toEqual([
      ['ann', 'one', 1],
      ['bob', 'two', 2],
    ])
  })

  test('a discussion is open until it is closed', () => {
    const open = { act: { kind: 'discuss' as const, text: 'crazy paving?', with: 'bob' } }
    expect(fold([open]).discuss).toMatchObject({ who: 'ann', with: 'bob', text: 'crazy paving?' })
    expect(fold([open, { act: { kind: 'discuss', text: 'yes', closed: true } }]).discuss).toBeUndefined()
  })

  test('the last assignment counts', () => {
    expect(
      fold([{ act: { kind: 'assign', to: ['ann', 'bob'] } }, { act: { kind: 'assign', to: ['bob'] } }])
        .assigned,
    ).toEqual(['bob'])
  })

  test('a kind given by a person is certain and an edit', () => {
    expect(fold([{ act: { kind: 'kind', image: 'xray' } }])).toMatchObject({
      kind: { kind: 'xray', score: 1 },
      edited: true,
    })
    expect(fold([{ act: { kind: 'kind', image: 'ct' } }]).edited).toBe(false)
  })

  test('panels drawn by hand reach the whole figure', () => {
    const panels = [{ label: 'A', box: [0, 0, 0.5, 1] as [number, number, number, number] }]
    expect(fold([{ act: { kind: 'split-panels', panels } }], B).panels).toEqual(panels)
  })
})

describe('re-pairing', () => {
  test('gives the mentions of the words to the panel, in all cases of the figure', () => {
    const acts = [{ act: { kind: 're-pair' as const, ...where('Consolidation'), panels: ['a'] } }]
    const [a, b] = [fold(acts, A), fold(acts, B)]
    expect(a.mined.findings.Csld).toBe('present')
    expect(b.mined.findings.Csld).toBe('none')
    expect(a.mentions.find(mention => mention.lesion === 'Csld')!.panels).toEqual(['A'])
    expect([a.edited, b.edited, a.version, b.version]).toEqual([true, true, 1, 1])
  })

  test('made at a sibling reaches this case, too', () => {
    const state = fold([
      { case: at('B'), act: { kind: 're-pair', ...where('Ground-glass opacity'), panels: ['B'] } },
    ])
    expect(state.mined.findings.GGO).toBe('none')
  })

  test('of another figure does not', () => {
    const state = fold(
      [{ act: { kind: 're-pair', ...where('Consolidation'), panels: ['A'] } }],
      sampleCase({ figure: 'Figure 2', id: 'doc-1#Figure 2#A' }),
    )
    expect(state).toMatchObject({ version: 0, edited: false })
  })

  test('to no panel binds the words to the whole figure', () => {
    expect(
      fold([{ act: { kind: 're-pair', ...where('Consolidation'), panels: [] } }]).mined.findings.Csld,
    ).toBe('present')
  })

  test('undone is as if it had not been', () => {
    const state = fold([
      { act: { kind: 're-pair', ...where('Consolidation'), panels: ['A'] } },
      { case: at('B'), ...undo(1) },
    ])
    expect({ ...state, version: 0 }).toEqual(foldCase(A!, []))
    expect(state.version).toBe(2)
  })
})

describe('mentions', () => {
  const words = where('the right lung')

  test('added by an expert count as mined', () => {
    const state = fold([
      { act: { kind: 'mention', ...words, lesion: 'AirBr', assertion: 'possible', panels: ['A'] } },
    ])
    expect(state.mined.findings.AirBr).toBe('possible')
    expect(state.mentions.find(mention => mention.lesion === 'AirBr')).toEqual({
      ...words,
      text: 'the right lung',
      lesion: 'AirBr',
      assertion: 'possible',
      panels: ['A'],
      rule: 'expert',
    })
    expect(state.truth.lesions.AirBr).toEqual({ value: null, source: 'mined' })
  })

  test('denied are gone, and with them the finding', () => {
    const state = fold([
      {
        act: {
          kind: 'mention',
          ...where('Ground-glass'),
          lesion: 'GGO',
          assertion: 'present',
          panels: [],
          denied: true,
        },
      },
    ])
    expect(state.mined.findings.GGO).toBe('none')
    expect(state.truth.lesions.GGO).toEqual({ value: null, source: null })
    expect(state.edited).toBe(true)
  })

  test('at the same words with another assertion take the place of the old', () => {
    const state = fold([
      {
        act: {
          kind: 'mention',
          ...where('Ground-glass opacity'),
          lesion: 'GGO',
          assertion: 'resolved',
          panels: ['A'],
        },
      },
    ])
    expect(state.mentions.filter(mention => mention.lesion === 'GGO')).toMatchObject([
      { assertion: 'resolved', rule: 'expert' },
    ])
    expect(state.truth.lesions.GGO).toEqual({ value: 'absent', source: 'mined' })
  })

  test('stand in the order of the text', () => {
    const state = fold([
      { act: { kind: 'mention', ...where('Chest'), lesion: 'AirBr', assertion: 'present', panels: [] } },
    ])
    expect(state.mentions.map(mention => mention.start)).toEqual(
      state.mentions.map(mention => mention.start).sort((a, b) => a - b),
    )
  })

  test('outside the text change nothing', () => {
    const state = fold([
      { act: { kind: 'mention', start: 5000, end: 5010, lesion: 'AirBr', assertion: 'present', panels: [] } },
    ])
    expect(state).toMatchObject({ mentions: A!.mentions, edited: false, version: 1 })
  })

  test('leave alone what the miner said of the other lesions', () => {
    const special = {
      ...A!,
      mined: { ...A!.mined, findings: findings({ GGO: 'present', InSepThi: 'possible' }) },
    }
    const state = fold(
      [{ act: { kind: 'mention', ...where('Chest'), lesion: 'AirBr', assertion: 'present', panels: ['A'] } }],
      special,
    )
    expect(state.mined.findings).toEqual(findings({ GGO: 'present', InSepThi: 'possible', AirBr: 'present' }))
  })
})

describe('a new caption', () => {
  const caption = (text: string) => ({ act: { kind: 'caption' as const, text } })

  test('keeps every mark on its words when something is put before them', () => {
    const state = fold([caption(`Figure shows: ${CAPTION}`)])
    expect(state.mentions.map(({ start, end }) => state.caption.slice(start, end))).toEqual(
      A!.mentions.map(mention => mention.text),
    )
    expect(state.mined).toEqual(A!.mined)
    expect(state.edited).toBe(true)
  })

  test('drops the marks on words that are gone', () => {
    const state = fold([caption(CAPTION.replace('Ground-glass opacity', 'Nothing'))])
    expect(state.mentions.map(mention => mention.lesion)).toEqual(['Csld', 'CrPa'])
    expect(state.mined.findings.GGO).toBe('none')
  })

  test('keeps a mark whose words stand elsewhere in what was changed', () => {
    const state = fold([
      caption(
        CAPTION.replace('Ground-glass opacity in the right lung', 'In the right lung a Ground-glass opacity'),
      ),
    ])
    const ggo = state.mentions.find(mention => mention.lesion === 'GGO')!
    expect(state.caption.slice(ggo.start, ggo.end)).toBe('Ground-glass opacity')
  })

  test('any, keeps only marks that point at their own words', () => {
    fc.assert(
      fc.property(fc.nat(CAPTION.length), fc.nat(40), fc.string({ maxLength: 30 }), (from, length, put) => {
        const state = fold([caption(CAPTION.slice(0, from) + put + CAPTION.slice(from + length))])
        for (const mention of state.mentions)
          expect(state.caption.slice(mention.start, mention.end)).toBe(mention.text)
      }),
    )
  })

  test('and then the old one again keeps the marks that were never lost', () => {
    const state = fold([caption(`x${CAPTION}`), caption(CAPTION)])
    expect(state).toMatchObject({ mentions: A!.mentions, edited: false })
  })
})

describe('undo', () => {
  const label = { act: labelAct({ GGO: 'present' }) }

  test('takes an act back', () => {
    expect(fold([label, undo(1)])).toMatchObject({ labels: [], version: 2 })
  })

  test('brings back what was before', () => {
    const state = fold([label, { act: labelAct({ GGO: 'absent' }) }, undo(2)])
    expect(state.labels[0]!.lesions.GGO).toBe('present')
  })

  test('of an undo is the redo', () => {
    expect(fold([label, undo(1), undo(2)]).labels).toHaveLength(1)
    expect(fold([label, undo(1), undo(2), undo(3)]).labels).toHaveLength(0)
  })

  test('goes back to any act, not only the last', () => {
    const state = fold([label, { act: { kind: 'note', text: 'x' } }, undo(1)])
    expect(state.labels).toEqual([])
    expect(state.notes).toHaveLength(1)
  })

  test('twice of the same act takes it back once; one redo is not enough then', () => {
    expect(fold([label, undo(1), undo(1)]).labels).toHaveLength(0)
    expect(fold([label, undo(1), undo(1), undo(2)]).labels).toHaveLength(0)
  })

  test('of what is not there, or still to come, does nothing', () => {
    expect(fold([undo(7), label]).labels).toHaveLength(1)
    expect(fold([undo(2), label]).labels).toHaveLength(1)
    expect(fold([label, undo(2)]).labels).toHaveLength(1)
  })

  test('of an act that stands nowhere can not take it back from another case', () => {
    expect(fold([label, { case: at('B'), ...undo(1) }]).labels).toHaveLength(1)
  })

  test('of any history, in reverse, gives back the mined case', () => {
    fc.assert(
      fc.property(anyHistory, history => {
        const acts = history
          .filter(act => act.act.kind !== 'undo')
          .map((act, i): Act => ({ ...act, seq: i + 1 }))
        const undos = acts
          .toReversed()
          .map((act, i): Act => ({ ...act, seq: acts.length + i + 1, act: { kind: 'undo', seq: act.seq } }))
        for (const mined of samplePanels('ABC')) {
          const { version: _, ...state } = foldCase(mined, [...acts, ...undos])
          const { version: __, ...before } = foldCase(mined, [])
          expect(state).toEqual(before)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('any history', () => {
  test('folds without an error into a case that holds together', () => {
    fc.assert(
      fc.property(anyHistory, acts => {
        for (const mined of samplePanels('ABC')) {
          const state = foldCase(mined, acts)
          expect(state.version).toBe(reaching(mined, acts).length)
          expect(new Set(state.labels.map(label => label.who)).size).toBe(state.labels.length)
          for (const { start, end, text } of state.mentions)
            expect(state.caption.slice(start, end)).toBe(text)
        }
      }),
    )
  })

  test('folds the same whether the acts of other figures are given or not', () => {
    fc.assert(
      fc.property(anyHistory, acts => {
        const mined = sampleCase({ panel: 'B', id: at('B') })
        expect(foldCase(mined, acts)).toEqual(foldCase(mined, reaching(mined, acts)))
      }),
    )
  })

  test('changes nothing of what was mined and of the acts', () => {
    fc.assert(
      fc.property(anyHistory, acts => {
        const before = JSON.stringify([A, acts])
        foldCase(A!, acts)
        expect(JSON.stringify([A, acts])).toBe(before)
      }),
    )
  })

  test('one more act makes the version one more, or leaves the case as it is', () => {
    fc.assert(
      fc.property(anyHistory, acts => {
        let before = foldCase(A!, [])
        for (let n = 1; n <= acts.length; n++) {
          const after = foldCase(A!, acts.slice(0, n))
          if (after.version === before.version) expect(after).toEqual(before)
          else expect(after.version).toBe(before.version + 1)
          before = after
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('who is reached', () => {
  test('a figure is known by its document and label, a single picture by itself', () => {
    expect(figureOf(A!)).toBe('doc-1#Figure 1')
    expect(figureOf({ id: 'abc', document: null, figure: null })).toBe('abc')
    expect(figureOfId(A!.id)).toBe('doc-1#Figure 1')
    expect(figureOfId('abc')).toBe('abc')
  })

  test('an undo reaches as far as the act at the end of its chain', () => {
    const acts = numbered([
      { act: { kind: 'caption', text: 'x' } },
      { act: labelAct() },
      undo(1),
      undo(3),
      undo(2),
    ])
    const wide = acts.map(act => isFigureWide(act, seq => acts.find(one => one.seq === seq)))
    expect(wide).toEqual([true, false, true, true, false])
  })

  test('acts that stand are those neither undone nor undos', () => {
    const acts = numbered([{ act: labelAct() }, undo(1), { act: labelAct() }, undo(2)])
    expect(standing(acts).map(act => act.seq)).toEqual([1, 3])
    expect([...takenBack(acts)]).toEqual([2])
  })
})

describe('what is said of a panel', () => {
  const said = (panels: string[], label: string | null, wholeFigure = false) =>
    findingsFor([mentionOf('Consolidation', 'Csld', { panels })], { label, wholeFigure }).Csld === 'present'

  test.each([
    [[], 'A', true],
    [['A'], 'A', true],
    [['B'], 'A', false],
    [['A', 'B'], 'B', true],
    [['A'], 'A1', true],
    [['A1'], 'A', true],
    [['A1'], 'A2', false],
    [['1'], '10', false],
    [['A'], 'AB', false],
  ])('mention of panels %j, picture %s: %s', (panels, label, expected) => {
    expect(said(panels, label)).toBe(expected)
  })

  test('the whole figure without letters shows all that is said of its panels', () => {
    expect(said(['B'], null, true)).toBe(true)
  })

  test('an unlettered part of a figure has only what is said of the whole', () => {
    expect(said(['B'], null)).toBe(false)
    expect(said([], null)).toBe(true)
  })
})
