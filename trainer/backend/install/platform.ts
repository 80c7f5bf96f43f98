import { readFileSync } from 'node:fs'
import { LesionloopError } from '../../../data/errors.ts'

/** What of a machine decides whether the wheels' libtensorflow runs on it. */
export interface Machine {
  platform: string
  arch: string
  /** Version of the GNU C library; null where there is another one (musl). */
  glibc: string | null
  /** Whether the processor has AVX, which the wheels are compiled for; null where it can't be told. */
  avx: boolean | null
}

/** manylinux2014 (PEP 599). */
const OLDEST_GLIBC = '2.17'

export function thisMachine(): Machine {
  let glibc: string | null = null
  let avx: boolean | null = null
  if (process.platform === 'linux') {
    // Else the report looks up the names of all open connections.
    ;(process.report as { excludeNetwork?: boolean }).excludeNetwork = true
    const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
    glibc = report.header?.glibcVersionRuntime ?? null
    try {
      avx = /^flags\s*:.*\bavx\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
    } catch {
      avx = null
    }
  }
  return { platform: process.platform, arch: process.arch, glibc, avx }
}

/**
 * @throws LesionloopError `platform-unsupported`.
 */
export function expectPlatform({ platform, arch, glibc, avx }: Machine = thisMachine()): void {
  const refuse = (found: string, expected: string) =>
    new LesionloopError(
      'platform-unsupported',
      `platform: ${found}: ${expected} was expected; the wasm backend runs here without it`,
      { platform, arch, glibc, avx },
    )
  if (platform !== 'linux' || arch !== 'x64')
    throw refuse(`${platform} ${arch}`, 'Linux on x64, for which the wheels are made,')
  if (glibc === null) throw refuse('a C library other than glibc', `glibc ${OLDEST_GLIBC} or newer`)
  if (isOlder(glibc, OLDEST_GLIBC)) throw refuse(`glibc ${glibc}`, `${OLDEST_GLIBC} or newer`)
  if (avx === false)
    throw refuse('a processor without AVX', 'one with AVX, which the wheels are compiled for,')
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number)
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor)
}
