import { performance } from 'node:perf_hooks'

const LOOK_EVERY_MS = 1000
/** What a process that only waits still does in that time: this look itself, and its watchdog's. */
const NOTHING_MS = 20

/**
 * Resolves once this process has done nothing for `seconds` on end: its event loop waited, and none of its threads was
 * at work. A process that is kept waiting by a busy machine counts as working: its loop has something to do. pdf.js
 * leaves promises open for ever where a damaged file makes it give up half-way.
 */
export function idleFor(seconds: number): { idle: Promise<void>; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  const idle = new Promise<void>(resolve => {
    let quiet = 0
    let loop = performance.eventLoopUtilization()
    let processor = process.cpuUsage()
    timer = setInterval(() => {
      const { active } = performance.eventLoopUtilization(loop)
      const { user, system } = process.cpuUsage(processor)
      loop = performance.eventLoopUtilization()
      processor = process.cpuUsage()
      quiet = active < NOTHING_MS && (user + system) / 1000 < NOTHING_MS ? quiet + 1 : 0
      if (quiet * LOOK_EVERY_MS >= seconds * 1000) resolve()
    }, LOOK_EVERY_MS)
  })
  return { idle, stop: () => clearInterval(timer) }
}
