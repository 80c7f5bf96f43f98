import { describe, expect, it } from 'vitest'
import { applyChange } from '../../../extractor/lexicon/change.ts'
import { readLexicon } from '../../../extractor/lexicon/lexicon.ts'
import { createMiner } from '../../../extractor/text/miner.ts'

/** Every cue has its sentences: what they say of each lesion word, in order; "–" where it is no mention. */
const SENTENCES: Record<string, [sentence: string, said: string][]> = {
  'neg.no': [
    ['No consolidation, effusion or pneumothorax.', 'absent'],
    ['Lungs without consolidation or ground-glass opacity.', 'absent absent'],
    ['No pleural effusion, patchy ground-glass opacities are seen in both lobes.', 'present'],
    ['No air bronchogram within the consolidation.', 'absent present'],
    ['There is no lymphadenopathy, but there is consolidation.', 'present'],
    ['Neither consolidation nor ground-glass opacity is seen.', 'absent absent'],
  ],
  'neg.no-evidence': [
    ['There is no evidence of crazy paving.', 'absent'],
    ['CT without any signs of consolidation.', 'absent'],
    ['No obvious radiographic finding suggestive of consolidation.', 'absent'],
  ],
  'neg.deny': [['The reader denied consolidation in the left lung.', 'absent']],
  'neg.not': [
    ['The radiograph does not show consolidation.', 'absent'],
    ['Appearances are not typical of consolidation.', 'absent'],
    ['Lobar consolidation rather than ground-glass opacity.', 'present absent'],
  ],
  'neg.unlikely': [['The shadow is unlikely to represent consolidation.', 'absent']],
  'neg.ruled-out': [['CT ruled out consolidation.', 'absent']],
  'neg.after': [
    ['Consolidation and air bronchograms were not seen.', 'absent absent'],
    ['Ground-glass opacity is present, consolidation is absent.', 'present absent'],
  ],
  'neg.after-closing': [
    ['Consolidation: none. Effusion: small.', 'absent'],
    ['Crazy paving (-).', 'absent'],
  ],
  'neg.not-aff-after': [['CT without contrast, consolidation in the lingula.', 'present']],
  'pseudo.no-change': [
    ['No significant change in the bilateral consolidation.', 'present'],
    ['There was no progression of the ground-glass opacities.', 'present'],
    ['No new consolidation.', 'absent'],
  ],
  'pseudo.unresolved': [
    ['Ground-glass opacities were slightly absorbed.', 'present'],
    ['Partial resolution of the consolidation.', 'present'],
    ['The consolidation has not resolved.', 'present'],
    ['Slowly resolving consolidation.', 'present'],
    ['Improvement but not complete resolution of ground-glass opacities.', 'present'],
  ],
  'res.after': [
    ['The ground-glass opacities were almost completely absorbed.', 'resolved'],
    ['Consolidation is no longer visible.', 'resolved'],
    ['The consolidation improved and the ground-glass opacities completely cleared.', 'present resolved'],
    ['Previously described opacities of ground glass are not seen.', 'resolved'],
  ],
  'res.before': [
    ['Complete resolution of the consolidation.', 'resolved'],
    ['The absorption of bilateral ground glassopacity.', 'resolved'],
    ['Regression of the consolidation with persistence of ground-glass opacities.', 'resolved present'],
  ],
  'res.adjective': [
    ['Resolved left lower lobe consolidation.', 'resolved'],
    ['Ground-glass opacities disappeared, and consolidation appeared.', 'resolved present'],
  ],
  'pos.before': [
    ['Possible early consolidation at the right base.', 'possible'],
    ['The opacity may represent consolidation or atelectasis.', 'possible'],
    ['Consolidation, likely pneumonia.', 'present'],
    ['Consolidation suggestive of infection.', 'present'],
    ['Cannot exclude pneumonia. No consolidation is visible.', 'absent'],
  ],
  'pos.there': [['There may be some chronic infection associated with consolidation.', 'possible']],
  'pos.after': [
    ['An early consolidation cannot be excluded.', 'possible'],
    ['Consolidation may represent atelectasis versus infiltrate.', 'present'],
  ],
  'pos.after-closing': [['Consolidation?', 'possible']],
  'pos.pseudo': [
    ['Ground-glass opacity with or without consolidation.', 'present present'],
    ['The consolidation is most likely due to aspiration.', 'present'],
    ['Ground-glass and/or consolidative opacities.', 'present present'],
  ],
  'hist.history': [
    ['History of consolidation.', '–'],
    ['History of COPD, consolidation on the film.', 'present'],
  ],
  'hist.not-shown': [['Initial CT (not shown) had demonstrated ground-glass opacities.', '–']],
  'hist.after': [['Consolidation was noted three years ago.', '–']],
  'hist.exam': [
    ['Prior CT showed bilateral ground-glass opacities.', '–'],
    ['A CT two weeks earlier showed consolidation; today the lungs are clear.', '–'],
  ],
  'hist.noise': [
    ['Compared with the previous CT, the consolidation has increased.', 'present'],
    ['The ground-glass opacity was not present on the prior study.', 'present'],
  ],
  'hist.family': [['His mother had consolidation of the lung.', '–']],
  'hypo.if': [
    ['If consolidation develops, broaden antibiotics.', '–'],
    ['Please evaluate for consolidation.', '–'],
  ],
  'hypo.after': [['Consolidation may develop.', '–']],
  'hypo.should': [['Should consolidation develop, bronchoscopy will follow.', '–']],
  'gen.before': [['Typical CT features of the disease include ground-glass opacities.', '–']],
  'gen.after': [
    ['Crazy paving is commonly seen in alveolar proteinosis.', '–'],
    ['The ground-glass opacities can be seen in both lungs.', 'present'],
  ],
  'gen.presence': [['The presence of consolidation suggests infection.', '–']],
  'aff.seen': [
    ['No effusion and positive for consolidation.', 'present'],
    ['Regression of the consolidation with persistence of ground-glass opacities.', 'resolved present'],
  ],
}

const said = (miner: ReturnType<typeof createMiner>, sentence: string) => {
  const { mentions, skipped } = miner.mine(sentence)
  return [
    ...mentions.map(each => ({ at: each.start, says: each.assertion })),
    ...skipped.map(each => ({ at: each.start, says: '–' })),
  ]
    .sort((a, b) => a.at - b.at)
    .map(each => each.says)
    .join(' ')
}

describe('cues', () => {
  const miner = createMiner()
  for (const [cue, sentences] of Object.entries(SENTENCES))
    it.each(sentences)(`${cue}: %s`, (sentence, expected) => {
      expect(said(miner, sentence)).toBe(expected)
    })

  it('have a sentence each', () => {
    expect(Object.keys(SENTENCES).sort()).toEqual(
      readLexicon()
        .cues.map(cue => cue.id)
        .sort(),
    )
  })

  it('are each needed: without the cue one of its sentences reads otherwise', () => {
    const lexicon = readLexicon()
    const idle = Object.entries(SENTENCES).filter(([id, sentences]) => {
      const without = createMiner({ lexicon: applyChange(lexicon, { cues: [{ id, remove: true }] }) })
      return sentences.every(([sentence, expected]) => said(without, sentence) === expected)
    })
    expect(idle.map(([id]) => id)).toEqual([])
  }, 60_000)
})
