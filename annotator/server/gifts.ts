import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf, LesionloopError } from '../../data/errors.ts'
import { pictureAlone } from '../../data/formats/picture-alone.ts'
import type { Gift, MinedCase } from '../../data/records/case.ts'
import { GIVEN_SOURCE } from '../../data/records/consent.ts'
import type { BlackedOutAnswer } from '../../data/records/live.ts'
import type { Account } from '../../data/records/people.ts'
import { openStore } from '../../data/stores/open.ts'
import type { CaseStore, Store } from '../../data/stores/store.ts'
import { type StoredImage, storeHounsfield, storeImage } from '../../data/workspace/images.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import type { Desk } from './context.ts'
import { write } from './routes/acts.ts'

/**
 * Takes a blacked-out picture into the pool: a case of source `given`, of a patient of its own, with the consent, and a
 * note in the journal of who gave it.
 * @throws LesionloopError `gift-known`, `lock-held` while documents are mined.
 */
export async function takeGift(
  desk: Desk,
  me: Account,
  picture: BlackedOutAnswer,
  consent: Omit<Gift, 'who' | 'at'>,
): Promise<MinedCase> {
  const gift: Gift = { who: me.id, at: new Date().toISOString(), ...consent }
  // The right to write cases comes first: without it nothing is stored.
  const made = await withCases(desk, async cases => {
    const image = await storeImage(desk.workspace, Buffer.from(picture.png, 'base64'))
    if (await cases.get(image.id))
      throw new LesionloopError(
        'gift-known',
        `picture: it is in the pool already, as case ${image.id}; nothing was changed`,
        { case: image.id },
      )
    const { hounsfield } = picture
    const beside = hounsfield && {
      hounsfield: await storeHounsfield(desk.workspace, {
        ...hounsfield,
        png: Buffer.from(hounsfield.png, 'base64'),
      }),
    }
    const made = { ...caseOf(image, gift), ...beside }
    await cases.put(`given:${image.id}`, [made])
    return made
  })
  await desk.store.refresh()
  desk.queue.forget()
  desk.documents.forget()
  const boxes = gift.blackedOut === 1 ? '1 box' : `${gift.blackedOut} boxes`
  await write(desk, me, {
    op: randomUUID(),
    case: made.id,
    base: (await desk.store.cases.get(made.id))?.version ?? 0,
    act: {
      kind: 'note',
      text: `given to the pool for ${gift.purpose}: ${boxes} blacked out, consent by wording ${gift.wording}`,
    },
  })
  desk.log.info({ case: made.id, who: me.id, wording: gift.wording }, 'picture given')
  desk.live.tell({ type: 'workspace' })
  // It may show the slice of a case that is there: both must be on one side of the split.
  desk.amender.wantSides()
  return made
}

function caseOf(image: StoredImage, given: Gift): MinedCase {
  return {
    ...pictureAlone(image),
    given,
    // Whose picture it is nobody knows: a patient of its own.
    patient: `given:${image.id}`,
    // The file's own name may be the patient's.
    source: { name: GIVEN_SOURCE, file: `${image.id.slice(0, 12)}.png`, format: 'given' },
    minedBy: `lesionloop ${packageVersion()}, given`,
  }
}

/** How long a gift waits for who writes cases now: another gift, or the linking of its doubles, takes seconds. */
const PATIENCE_MS = 8000

/** The server writes no cases but these: it takes their lock for this moment alone, where the store has one. */
async function withCases<T>(desk: Desk, work: (cases: CaseStore) => Promise<T>): Promise<T> {
  const store = await openPatiently(desk)
  try {
    return await work(store.cases)
  } finally {
    await store.close()
  }
}

async function openPatiently(desk: Desk): Promise<Store> {
  for (const until = Date.now() + PATIENCE_MS; ; await delay(250)) {
    try {
      return await openStore(desk.workspace, { write: ['cases'] })
    } catch (error) {
      if (codeOf(error) !== 'lock-held') throw error
      if (Date.now() < until) continue
      throw new LesionloopError(
        'lock-held',
        'pool: cases are being written by another job (mining, or an import): nothing was stored; give the picture again when it has ended',
      )
    }
  }
}
