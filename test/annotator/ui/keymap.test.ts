import { describe, expect, it } from 'vitest'
import { CAUSE_KEYS, causeFor } from '../../../annotator/ui/review/causes.ts'
import { keySign, patternOf } from '../../../annotator/ui/review/key-patterns.ts'
import { KEYMAP, keysOf, takenBy } from '../../../annotator/ui/review/keymap.ts'
import { lesionWarnings } from '../../../annotator/ui/review/lesion-logic.ts'
import { CAUSES, perLesion } from '../../../data/records/vocabulary.ts'

const press = (key: string, of: Partial<Parameters<typeof patternOf>[0]> = {}) => ({
  key,
  code: '',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...of,
})

describe('the key map', () => {
  it('gives no key to two actions of a page', () => {
    for (const isVerdict of [true, false]) {
      const keys = KEYMAP.filter(line => (line.group === 'verdict') === isVerdict).flatMap(line => line.keys)
      expect(keys.length).toBeGreaterThan(5)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })

  it('prints keys as they are printed on the keyboard', () => {
    expect(['Shift+Digit1', '$mod+z', 'Space', 'ArrowLeft', '+', 'Shift++'].map(keySign)).toEqual([
      '⇧ 1',
      'Ctrl z',
      'Space',
      '←',
      '+',
      '+',
    ])
  })

  it('reads a pressed key as a pattern, a modifier alone as none', () => {
    expect(patternOf(press('Q', { shiftKey: true }))).toBe('Shift+q')
    expect(patternOf(press('z', { ctrlKey: true }))).toBe('$mod+z')
    expect(patternOf(press(' '))).toBe('Space')
    expect(patternOf(press('Shift', { shiftKey: true }))).toBeNull()
  })

  it('one’s own key takes the place of the default, and a taken one is named', () => {
    const note = KEYMAP.find(line => line.action === 'note')!
    expect(keysOf(note, { note: ['q'] })).toEqual(['q'])
    expect(takenBy('j', 'note', {})?.action).toBe('next')
    expect(takenBy('n', 'note', {})).toBeNull()
    // The page of disagreements has keys of its own.
    expect(takenBy('p', 'verdict-no', {})?.action).toBe('verdict-yes')
    expect(takenBy('j', 'verdict-no', {})).toBeNull()
    expect(takenBy('n', 'next', { note: ['q'] })).toBeNull()
  })
})

describe('causes of a correction', () => {
  it('each has one key, and every cause of the design can be named', () => {
    const named = new Set(CAUSE_KEYS.map(({ cause }) => cause))
    expect(CAUSES.filter(cause => !named.has(cause))).toEqual(['wrong-flag'])
    expect(causeFor('r', 'flag')).toBe('wrong-flag')
    expect(causeFor('r', 'GGO')).toBe('wrong-term')
  })

  it('a key that names none is none', () => {
    expect(causeFor('j', 'GGO')).toBeNull()
  })
})

describe('lesion logic', () => {
  const none = perLesion(() => 'absent' as 'absent' | 'present')
  it('warns of crazy paving without GGO or septa, and of an air bronchogram in clear lung', () => {
    expect(lesionWarnings({ flag: 'positive', lesions: { ...none, CrPa: 'present' } }, '')).toHaveLength(2)
    expect(lesionWarnings({ flag: 'positive', lesions: { ...none, AirBr: 'present' } }, '')).toHaveLength(1)
  })

  it('warns of a lesion under a caption that says normal, but not of none', () => {
    expect(
      lesionWarnings({ flag: 'negative', lesions: { ...none, GGO: 'present' } }, 'Normal CT.'),
    ).toHaveLength(1)
    expect(lesionWarnings({ flag: 'negative', lesions: none }, 'Normal CT.')).toEqual([])
  })
})
