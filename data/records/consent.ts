/**
 * What a person agrees to who gives a picture to the pool. The words of a version never change: a gift names the version
 * it was agreed by. Other words are another version.
 */
export interface Consent {
  wording: number
  purpose: string
  /** Each is ticked by itself. */
  statements: { looked: string; agreed: string }
}

/** Source of cases that people gave. */
export const GIVEN_SOURCE = 'given'

export const CONSENT: Consent = {
  wording: 1,
  purpose: 'research on chest CT, and training of the models of this workspace',
  statements: {
    looked: 'I have looked: no name, number or date can be read in what is left of the picture.',
    agreed:
      'I may pass this picture on: its use for research on chest CT, and for training the models of this workspace, is allowed. It is not published without asking me again. My name, the time and these words are kept with it.',
  },
}
