/**
 * Annotators at work: each asks for the next case, gets its picture, thinks, and saves a label, on and on, with the
 * page's stream of events open beside it. Each goes on from a place of the queue of their own.
 */
import { get } from 'node:http'
import { enter, labelFor } from './annotator-readers.mjs'

/** Signs people in, so that the time of a phase is spent on cases. */
export async function signIn(curator, url, count, name) {
  const people = []
  for (let at = 0; at < count; at++) people.push(await enter(curator, url, `${name} ${at}`))
  return people
}

/**
 * @param of.thought milliseconds between picture and save on average; each time between half of it and one and a half.
 * @returns times of every request in ms, each with the moment it was sent; what was acknowledged; errors in words.
 */
export async function annotate({ url, people, ids, seconds, thought, random, round }) {
  const end = performance.now() + seconds * 1000
  const times = { next: [], image: [], save: [] }
  const acknowledged = []
  const errors = []
  let conflicts = 0
  let told = 0

  const timed = async (kind, asking) => {
    const answer = await asking
    times[kind].push(answer.ms)
    return answer
  }
  const work = async ({ id, own }, reader) => {
    let after = ids[Math.floor(((reader + round / 10) * ids.length) / people.length)]
    await pause(random.next() * thought)
    for (let turn = 0; performance.now() < end; turn++) {
      const next = await timed('next', own.send('GET', `/api/queue/next?after=${encodeURIComponent(after)}`))
      if (next.status !== 200) throw new Error(`next: status ${next.status}`)
      let state = next.json().next?.case
      if (!state) throw new Error('next: the queue is empty')
      after = state.id
      const image = await timed('image', own.send('GET', `/images/${state.imageFile}`))
      if (image.status !== 200) throw new Error(`image: status ${image.status}`)
      await pause(thought * (0.5 + random.next()))
      for (let attempt = 0; ; attempt++) {
        const draft = {
          op: `load-${round}-${reader}-${turn}-${attempt}`,
          case: state.id,
          base: state.version,
          act: labelFor(reader, turn),
        }
        const answer = await timed('save', own.send('POST', '/api/acts', draft))
        if (answer.status === 200) {
          acknowledged.push({ ...draft, who: id, seq: answer.json().act.seq })
          break
        }
        if (answer.status !== 409) throw new Error(`save: status ${answer.status}`)
        conflicts++
        state = answer.json().state
      }
    }
  }
  const streams = people.map(({ own }) =>
    listen(url, own.cookie, () => {
      told++
    }),
  )
  await Promise.all(
    people.map(async (one, reader) => {
      while (performance.now() < end)
        // Each error is counted, and the person goes on as a person would.
        await work(one, reader).catch(error => errors.push(error.message))
    }),
  )
  for (const stream of streams) stream.destroy()
  return { times, acknowledged, errors, conflicts, told }
}

function listen(url, cookie, onEvent) {
  const asked = get(`${url}/api/events`, { headers: { Cookie: cookie } }, response => {
    response.setEncoding('utf8').on('data', text => {
      for (const _ of text.matchAll(/^event:/gm)) onEvent()
    })
    response.on('error', () => undefined)
  })
  // Ended by us when the phase ends.
  asked.on('error', () => undefined)
  return asked
}

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
