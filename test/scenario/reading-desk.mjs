/** The annotator's real server over HTTP, read from as a person's browser would. */
import { dist } from './dist.mjs'
import { causesOf, labelOf, readBy } from './expert.mjs'

const { startServer } = await dist('annotator/server/start.js')

/** Opens the server over a workspace and signs the expert in. */
export async function openReadingDesk(workspace, name) {
  const server = await startServer({ workspace })
  let cookie = ''
  let ops = 0
  async function send(method, path, body) {
    const response = await fetch(server.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(cookie ? { Cookie: cookie } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    const answer = await response.json()
    if (!response.ok) throw new Error(`scenario: ${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  const token = server.loginLink.split('#')[1]
  await send('POST', '/api/login', { token, name })
  const act = (id, base, payload) =>
    send('POST', '/api/acts', { op: `scenario-operation-${++ops}`, case: id, base, act: payload })

  return {
    close: () => server.close(),
    /**
     * Reads the next cases of the queue of review, the audit's first among them, and says why where text and picture
     * contradict each other. Text and model of an audit case come after its decision, as for everybody.
     */
    async read(count, expert, shown) {
      const done = []
      while (done.length < count) {
        const { next } = await send('GET', '/api/queue/next')
        if (!next) break
        const { id } = next.case
        const truth = shown.get(id)
        if (!truth) throw new Error(`scenario: ${id}: not in the corpus's truth; mine data/demo/corpus only`)
        const { values, erred } = readBy(expert, id, truth)
        let { state } = await act(id, next.case.version, {
          ...labelOf(values),
          ...(next.blind ? { blind: true } : {}),
        })
        const corrections = causesOf(state.mined, values, truth)
        for (const { head, cause } of corrections)
          ({ state } = await act(id, state.version, { kind: 'reason', head, cause }))
        done.push({ id, blind: next.blind, erred, corrections })
      }
      return done
    },
  }
}
