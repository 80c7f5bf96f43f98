/**
 * Eight annotators at once: each asks for the next case and decides it, on and on, two of them at each of four places of
 * the queue, so that they get in each other's way; now and then an answer is taken for lost and the decision sent again.
 * Afterwards the journal is held against what was answered.
 */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { LABEL } from './annotator-http.mjs'
import { connect, percentiles } from './annotator-server-process.mjs'

const READERS = 8
/** Every so manieth decision is sent twice at the same moment. */
const REPEATED = 10
const LESIONS = Object.keys(LABEL.lesions)

/** Signs in a person by a link of their own. */
export async function enter(curator, url, name) {
  const { person } = (await curator.send('POST', '/api/people', { name, role: 'annotator' })).json()
  const { link } = (await curator.send('POST', '/api/people/link', { account: person.id })).json()
  const own = connect(url)
  const answer = await own.send('POST', '/api/login', { token: link.split('#')[1] })
  if (answer.status !== 200) throw new Error(`bench: ${name} could not sign in: ${answer.status}`)
  return { id: person.id, own }
}

/** A label that tells reader and turn, so that one put in another's place is seen. */
export const labelFor = (reader, turn) => ({
  ...LABEL,
  tookMs: turn,
  lesions: Object.fromEntries(
    LESIONS.map((lesion, i) => [lesion, ((reader * 31 + turn) >> i) & 1 ? 'present' : 'absent']),
  ),
})

export async function readTogether({ url, curator, ids, seconds, between }) {
  const people = []
  for (let at = 0; at < READERS; at++) people.push(await enter(curator, url, `Reader ${at}`))
  const end = performance.now() + seconds * 1000
  const acknowledged = []
  const times = { next: [], save: [] }
  let conflicts = 0
  let repeats = 0
  await Promise.all(
    people.map(async ({ id, own }, reader) => {
      let after = ids[Math.floor(((reader >> 1) * ids.length) / 4)]
      for (let turn = 0; performance.now() < end; turn++) {
        const next = await own.send('GET', `/api/queue/next${after && `?after=${encodeURIComponent(after)}`}`)
        if (next.status !== 200) throw new Error(`bench: next: status ${next.status}`)
        times.next.push(next.ms)
        let state = next.json().next?.case
        if (!state) return
        after = state.id
        for (let attempt = 0; ; attempt++) {
          const draft = {
            op: `reader-${reader}-${turn}-${attempt}`,
            case: state.id,
            base: state.version,
            act: labelFor(reader, turn),
          }
          const twice = turn % REPEATED === 0
          const [answer, again] = await Promise.all(
            Array.from({ length: twice ? 2 : 1 }, () => own.send('POST', '/api/acts', draft)),
          )
          times.save.push(answer.ms)
          if (answer.status === 200) {
            const { act } = answer.json()
            if (twice) {
              repeats++
              if (again.status !== 200 || again.json().act.seq !== act.seq)
                throw new Error(`bench: ${draft.op}: sent twice, answered differently`)
            }
            acknowledged.push({ ...draft, who: id, seq: act.seq })
            break
          }
          if (answer.status !== 409) throw new Error(`bench: save: status ${answer.status}`)
          // Somebody was quicker: both are shown, this reader decides on top of it.
          conflicts++
          state = answer.json().state
        }
        if (between > 0) await new Promise(resolve => setTimeout(resolve, between))
      }
    }),
  )
  for (const { own } of people) own.close()
  return {
    acknowledged,
    result: {
      seconds,
      between,
      readers: READERS,
      decisions: acknowledged.length,
      conflicts,
      repeats,
      next: percentiles(times.next),
      save: percentiles(times.save),
    },
  }
}

/** As many people at once, as fast, at the plain server: each append with its own fsync, one after the other. */
export async function writeTogether({ url, seconds, between }) {
  const end = performance.now() + seconds * 1000
  const times = []
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      const own = connect(url)
      while (performance.now() < end) {
        times.push((await own.send('POST', '/', { op: 'plain', text: 'x'.repeat(250) })).ms)
        await new Promise(resolve => setTimeout(resolve, between))
      }
      own.close()
    }),
  )
  return percentiles(times)
}

/** What the disk itself takes for an append of a line with fsync, one after the other: no save can be quicker. */
export async function disk(dir, count = 300) {
  const file = await open(join(dir, 'yardstick'), 'a')
  const line = Buffer.alloc(300, 'x')
  const times = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    await file.write(line)
    await file.sync()
    times.push(performance.now() - began)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await file.close()
  return percentiles(times)
}

/**
 * Holds the journal against what was answered: every acknowledged decision once, under its number, by its person, with
 * its content; nothing that nobody was answered; numbers without a gap.
 */
export async function checkJournal(dir, acknowledged) {
  const { replay } = await import(
    join(import.meta.dirname, '..', '..', 'dist', 'data', 'journal', 'replay.js')
  )
  const acts = []
  const found = replay(readFileSync(join(dir, 'labels', 'journal.jsonl')), act => acts.push(act))
  const byOp = new Map()
  for (const act of acts) byOp.set(act.op, [...(byOp.get(act.op) ?? []), act])
  const same = (act, sent) =>
    act.seq === (sent.seq ?? act.seq) &&
    act.case === sent.case &&
    act.who === (sent.who ?? act.who) &&
    JSON.stringify(act.act) === JSON.stringify(sent.act)
  const lost = acknowledged.filter(sent => !byOp.has(sent.op)).length
  const changed = acknowledged.filter(sent => byOp.has(sent.op) && !same(byOp.get(sent.op)[0], sent)).length
  const doubled = [...byOp.values()].filter(written => written.length > 1).length
  const known = new Set(acknowledged.map(({ op }) => op))
  const unasked = acts.filter(act => !known.has(act.op)).length
  const gaps =
    acts.filter((act, at) => act.seq !== at + 1).length + found.damaged.length + found.missing.length
  return { acts: acts.length, lost, doubled, changed, unasked, gaps }
}
