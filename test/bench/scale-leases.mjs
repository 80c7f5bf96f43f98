/** What it costs to be lent the next case of the queue: in SQL with its plan, and by the route, for fifty people at once. */
import { enter } from './annotator-readers.mjs'
import { connect, percentiles } from './annotator-server-process.mjs'
import { curatorOf } from './scale-server.mjs'

/** Runs work with many connections of the store at once, one lease after the other. */
export async function leasesInStore(store, { people, each }) {
  const times = []
  const given = []
  await Promise.all(
    Array.from({ length: people }, async (_, who) => {
      let after
      for (let turn = 0; turn < each; turn++) {
        const began = performance.now()
        const entry = await store.queue.lease(
          `reader ${who}`,
          after ? { after, seconds: 600 } : { seconds: 600 },
        )
        times.push(performance.now() - began)
        after = entry.case
        given.push(after)
      }
    }),
  )
  for (let who = 0; who < people; who++) await store.queue.release(`reader ${who}`)
  return { people, ...percentiles(times), doubled: given.length - new Set(given).size }
}

/** The question itself, one after the other on one connection, and its plan. */
export async function leasesInSql(client, leaseSql, times) {
  const ms = []
  for (let at = 0; at < times; at++) {
    const began = performance.now()
    await client.query(leaseSql.text, leaseSql.values(`sql ${at}`))
    ms.push(performance.now() - began)
  }
  const { rows } = await client.query(
    `explain (analyze, buffers) ${leaseSql.text}`,
    leaseSql.values('explain'),
  )
  await client.query(
    'update lesionloop.queue set leased_to = null, leased_until = null where leased_to is not null',
  )
  return { ...percentiles(ms), plan: rows.map(row => row['QUERY PLAN']) }
}

/** Fifty people ask `/api/queue/next` all at once, over and over, each for the case after the one they have. */
export async function leasesByRoute(servers, { people: count, each, name }) {
  const curator = await curatorOf(servers[0])
  const people = []
  for (let at = 0; at < count; at++) people.push(await enter(curator, servers[0].url, `${name} ${at}`))
  const ask = async (of, single) => {
    const times = []
    const given = []
    await Promise.all(
      of.map(async ({ own }, at) => {
        const line = connect(servers[at % servers.length].url)
        line.enter(own.cookie)
        let after
        for (let turn = 0; turn < each; turn++) {
          const path = `/api/queue/next${after ? `?after=${encodeURIComponent(after)}` : ''}`
          const answer = await line.send('GET', path)
          if (answer.status !== 200) throw new Error(`bench: next: status ${answer.status}`)
          times.push(answer.ms)
          after = answer.json().next.case.id
          given.push(after)
        }
        if (single) await line.send('POST', '/api/queue/release', { cases: given.slice(0, 100) })
        line.close()
      }),
    )
    return { people: of.length, ...percentiles(times), doubled: given.length - new Set(given).size }
  }
  const alone = await ask(people.slice(0, 1), true)
  const together = await ask(people, false)
  for (const { own } of people) own.close()
  return { alone, together }
}
