/** How many decisions a second are saved by some server processes together, each case decided by one person. */
import { enter, labelFor } from './annotator-readers.mjs'
import { connect, percentiles, round } from './annotator-server-process.mjs'
import { curatorOf } from './scale-server.mjs'

/**
 * Everybody saves as fast as answers come; what a person thinks meanwhile would only make it fewer.
 * @param of.writers people at once, spread over the servers. @param of.take gives the next case that nobody touched.
 */
export async function saveTogether(servers, { writers, seconds, take, name }) {
  const curator = await curatorOf(servers[0])
  const people = []
  for (let at = 0; at < writers; at++) people.push(await enter(curator, servers[0].url, `${name} ${at}`))
  // A session is valid at every server: the people are sent to them in turn, as a balancer would.
  const lines = people.map(({ own }, at) => {
    const line = connect(servers[at % servers.length].url)
    return { cookie: own.cookie, line }
  })
  const times = []
  const errors = []
  const began = performance.now()
  const end = began + seconds * 1000
  await Promise.all(
    lines.map(async ({ cookie, line }, writer) => {
      line.enter(cookie)
      for (let turn = 0; performance.now() < end; turn++) {
        const act = labelFor(writer, turn)
        const draft = { op: `${name}-${writer}-${turn}`, case: take(), base: 0, act }
        const answer = await line.send('POST', '/api/acts', draft)
        if (answer.status === 200) times.push(answer.ms)
        else errors.push(`save: status ${answer.status}`)
      }
    }),
  )
  const took = (performance.now() - began) / 1000
  for (const { line } of lines) line.close()
  for (const { own } of people) own.close()
  return {
    servers: servers.length,
    writers,
    perSecond: round(times.length / took),
    ...percentiles(times),
    errors,
  }
}
