import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { packagePath } from '../../data/workspace/package-root.ts'

/** A service as ours are written; the reference is the Compose specification (compose-spec.io). */
export interface Service {
  image: string
  build?: { context: string; target: string }
  entrypoint?: string[]
  command: string[]
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  ports?: string[]
  volumes?: string[]
  profiles?: string[]
  restart?: string
  init?: boolean
  stop_grace_period?: string
  stop_signal?: string
}

export interface Compose {
  services: Record<string, Service>
  volumes: Record<string, null>
}

/** What of the specification ours uses; another name is a slip or wants a look here. */
export const KNOWN_KEYS = {
  file: ['name', 'services', 'volumes'],
  service: [
    'build',
    'cap_drop',
    'command',
    'depends_on',
    'deploy',
    'entrypoint',
    'environment',
    'healthcheck',
    'image',
    'init',
    'ports',
    'profiles',
    'restart',
    'security_opt',
    'shm_size',
    'stop_grace_period',
    'stop_signal',
    'volumes',
  ],
  healthcheck: ['test', 'interval', 'timeout', 'retries', 'start_period'],
}

export const composeText = () => readFileSync(packagePath('compose.yaml'), 'utf8')

/** Names behind `$` in the file, and whether it goes on without them. */
export function variables(text: string): Map<string, { hasDefault: boolean }> {
  const found = [...text.matchAll(/\$\{(\w+)(:[-?])?/g)]
  return new Map(found.map(([, name, sign]) => [name!, { hasDefault: sign === ':-' }]))
}

/**
 * Reads compose.yaml as an engine would: variables filled in, anchors and merges followed.
 * @throws Error where a variable without a default is missing.
 */
export function readCompose(given: Readonly<Record<string, string>>): Compose {
  const fill = (text: string) =>
    text.replace(
      /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
      (_, name: string, sign: string | undefined, rest = '') => {
        const value = given[name]
        if (value) return value
        if (sign === '-') return rest
        throw new Error(`${name}: ${rest || 'not set'}`)
      },
    )
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value)
    if (Array.isArray(value)) return value.map(visit)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visit(each)]))
  }
  return visit(parse(composeText(), { merge: true })) as Compose
}

/** Seconds of "90s" or "2m". */
export function seconds(duration: string): number {
  const [, count, unit] = /^(\d+)(s|m)$/.exec(duration) ?? []
  if (!count) throw new Error(`${duration}: expected 30s or 2m`)
  return Number(count) * (unit === 'm' ? 60 : 1)
}
