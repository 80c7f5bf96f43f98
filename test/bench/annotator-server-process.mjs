/** The processes that the bench talks to: the real server, and a plain node:http one to compare it with. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const here = join(import.meta.dirname, '..', '..')

async function started(args, channel = []) {
  const began = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore', ...channel] })
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`bench: ${args.join(' ')}: ended with ${code} before it said where it listens`)
    }),
  ])
  const { cpu, memory } = spent(child.pid)
  return {
    child,
    startMs: performance.now() - began,
    startCpuMs: cpu,
    startMemory: memory,
    ...JSON.parse(line),
    stop: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** `lesionloop serve` of the build. With a module to load before it, the child can be sent messages. */
export const startServer = (dir, { preload } = {}) =>
  started(
    [
      ...(preload ? ['--import', pathToFileURL(preload).href] : []),
      ...[join(here, 'dist', 'cli.js'), 'serve', '--workspace', dir, '--port', '0', '--json'],
    ],
    preload ? ['ipc'] : [],
  )

/** The plain server: answers with as many bytes as it is asked for, appends with fsync where something is sent. */
export const startPlain = dir => started([join(import.meta.dirname, 'annotator-plain.mjs'), dir])

/** Processor time in ms and memory in MB that a process has used (Linux; zeros elsewhere). */
export function spent(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const megabytes = name =>
      Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024)
    return {
      cpu: (Number(fields[11]) + Number(fields[12])) * 10,
      memory: megabytes('VmRSS'),
      highest: megabytes('VmHWM'),
    }
  } catch {
    return { cpu: 0, memory: 0, highest: 0 }
  }
}

/** One person's connection: keeps it open, and its cookie. */
export function connect(url) {
  const agent = new Agent({ keepAlive: true })
  let cookie = ''
  return {
    get cookie() {
      return cookie
    },
    /** Goes on with a session begun at another server, as behind a balancer: the cookie's name holds the port. */
    enter: given => {
      cookie = given.replace(/_\d+=/, `_${new URL(url).port}=`)
    },
    close: () => agent.destroy(),
    /** @returns {Promise<{status: number, ms: number, bytes: number, json(): any}>} */
    send(method, path, body) {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const sent = text && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
      return new Promise((resolve, reject) => {
        const began = performance.now()
        const outgoing = request(
          `${url}${path}`,
          { method, agent, headers: { Origin: url, ...(cookie ? { Cookie: cookie } : {}), ...sent } },
          response => {
            const chunks = []
            response.on('data', chunk => chunks.push(chunk))
            response.on('error', reject)
            response.on('end', () => {
              const ms = performance.now() - began
              const set = response.headers['set-cookie']?.[0]
              if (set) cookie = set.split(';')[0]
              const bytes = Buffer.concat(chunks)
              resolve({
                status: response.statusCode,
                ms,
                bytes: bytes.length,
                json: () => JSON.parse(bytes.toString()),
              })
            })
          },
        )
        outgoing.on('error', reject)
        outgoing.end(text)
      })
    },
  }
}

export function percentiles(milliseconds) {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const at = share =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

export const round = value => Math.round(value * 100) / 100
