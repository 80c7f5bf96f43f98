/** Long work on the same machine, started over HTTP as the page does: one retraining after the other, and mining. */
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'

const corpus = join(import.meta.dirname, '..', '..', 'data', 'demo', 'corpus')
const LOOK_MS = 500

/** Keeps both kinds of jobs running until `stop`; a kind's next job starts when the last has ended. */
export function keepWorking({ url, curator }) {
  const done = { cycle: [], mine: [] }
  const errors = []
  let working = true
  const keep = async (kind, start) => {
    for (let turn = 0; working; turn++) {
      const began = performance.now()
      const job = await ended(curator, await start(turn), () => working)
      if (!job) return
      if (job.state === 'done') done[kind].push((performance.now() - began) / 1000)
      else {
        errors.push(`${kind}: ${job.state}: ${job.error?.message ?? ''}`)
        // A job that fails at once must not be started a thousand times.
        await pause(5000)
      }
    }
  }
  const both = Promise.all([
    keep('cycle', seed => started(curator, '/api/jobs/cycle', { backbone: 'starter', seed })),
    keep('mine', async turn => {
      const batch = must(await curator.send('POST', '/api/uploads'), 201).id
      // Other bytes each time, so that nothing is passed over as known.
      for (const name of readdirSync(corpus).filter(each => each.endsWith('.pdf')))
        await upload(url, curator.cookie, batch, name, [readFileSync(join(corpus, name)), `\n% ${turn}\n`])
      return started(curator, '/api/jobs/mine', { upload: batch })
    }),
  ]).catch(error => errors.push(error.message))
  return {
    done,
    errors,
    stop: async () => {
      working = false
      await both
      const { jobs } = must(await curator.send('GET', '/api/jobs'), 200)
      for (const job of jobs.filter(each => each.state === 'running'))
        await curator.send('POST', `/api/jobs/${job.id}/cancel`)
    },
  }
}

function must(answer, status) {
  if (answer.status === status) return answer.json()
  throw new Error(`bench: status ${answer.status}: ${JSON.stringify(answer.json())}`)
}

const started = async (curator, path, options) => must(await curator.send('POST', path, options), 202).job

async function ended(curator, job, goesOn) {
  while (goesOn()) {
    await pause(LOOK_MS)
    const now = must(await curator.send('GET', `/api/jobs/${job.id}`), 200).job
    if (now.state !== 'running') return now
  }
  return null
}

function upload(url, cookie, batch, name, parts) {
  const body = Buffer.concat(parts.map(part => Buffer.from(part)))
  return new Promise((resolve, reject) => {
    const path = `${url}/api/uploads/${batch}/file?name=${encodeURIComponent(name)}`
    const sent = request(
      path,
      { method: 'PUT', headers: { Cookie: cookie, 'Content-Length': body.length } },
      response => {
        response.resume()
        response.on('end', () =>
          response.statusCode === 201
            ? resolve()
            : reject(new Error(`upload: status ${response.statusCode}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
