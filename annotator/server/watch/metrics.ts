import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { JobState } from '../../../data/records/job.ts'

/** What is asked anew at each scrape. */
export interface Gauged {
  /** Cases of the queue that nobody decided. */
  queueOpen(): Promise<number>
  jobs(): Promise<readonly { kind: string; state: JobState }[]>
  /** People whose pages are open. */
  listeners(): number
}

/** The server's figures in Prometheus' text form. Labels are routes and codes, never names, ids or texts. */
export interface Metrics {
  request(of: { method: string; route: string; status: number; seconds: number }): void
  /** An act that was asked for, and how that ended: `saved`, or the code of the refusal. */
  act(kind: string, outcome: string): void
  /** A file that was sent to be mined: `taken`, or the code of the refusal. */
  upload(outcome: string, bytes: number): void
  /** One fsync, in seconds. */
  synced(seconds: number): void
  /** @returns the text, and its content type. */
  text(): Promise<{ type: string; body: string }>
}

/** Seconds; fine where a reader feels the difference. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * @param of.process whether the process' own figures are taken as well: a timer and an observer that cost something all
 *   day, and that nobody needs where nobody may ask.
 */
export function openMetrics(gauged: Gauged, of: { process: boolean }): Metrics {
  const registers = [new Registry()]
  const registry = registers[0]!
  // Processor time, memory, event loop delay, garbage collection, open files: the usual names.
  if (of.process) collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'lesionloop_http_request_seconds',
    help: 'Requests by route, from the first byte in to the answer ready.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  })
  const acts = new Counter({
    name: 'lesionloop_acts_total',
    help: 'Acts of people by kind; outcome saved, or the code of the refusal.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const uploads = new Counter({
    name: 'lesionloop_uploads_total',
    help: 'Files sent to be mined; outcome taken, or the code of the refusal.',
    labelNames: ['outcome'],
    registers,
  })
  const uploadBytes = new Counter({
    name: 'lesionloop_upload_bytes_total',
    help: 'Bytes of the files that were taken.',
    registers,
  })
  const syncs = new Histogram({
    name: 'lesionloop_fsync_seconds',
    help: 'How long the disk took to say that something is safe.',
    buckets: SECONDS,
    registers,
  })
  new Gauge({
    name: 'lesionloop_queue_open_cases',
    help: 'Cases of the current queue that nobody decided.',
    registers,
    async collect() {
      this.set(await gauged.queueOpen())
    },
  })
  new Gauge({
    name: 'lesionloop_jobs',
    help: 'Jobs on record by kind and state.',
    labelNames: ['kind', 'state'],
    registers,
    async collect() {
      this.reset()
      for (const { kind, state } of await gauged.jobs()) this.inc({ kind, state })
    },
  })
  new Gauge({
    name: 'lesionloop_open_pages',
    help: 'Pages that listen for changes.',
    registers,
    collect() {
      this.set(gauged.listeners())
    },
  })
  return {
    request: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    act: (kind, outcome) => acts.inc({ kind, outcome }),
    upload: (outcome, bytes) => {
      uploads.inc({ outcome })
      uploadBytes.inc(bytes)
    },
    synced: seconds => syncs.observe(seconds),
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  }
}
