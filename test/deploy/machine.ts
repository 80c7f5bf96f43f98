import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { packagePath } from '../../data/workspace/package-root.ts'
import type { Compose, Service } from './compose.ts'
import { readDockerfile, settings, words } from './dockerfile.ts'

const HEALTHY_WITHIN_MS = 60_000

/** A service of compose.yaml that runs as a process of this machine. */
export interface Running {
  name: string
  child: ChildProcess
  /** What it wrote so far. */
  log(): string
  /** Waits until its own health check says yes. */
  healthy(): Promise<void>
  /** SIGTERM, as an engine stops it; its exit status, or the signal that ended it. */
  stop(): Promise<number | string | null>
}

/**
 * Runs services of a compose file without an engine: the very words of entrypoint, command and health check, with their
 * environment and nothing else of ours. Names of containers, ports and folders become those of this machine.
 */
export class Machine {
  readonly #compose: Compose
  readonly #folder: string
  readonly #addresses: readonly (readonly [string, string])[]
  readonly #running: Running[] = []

  private constructor(compose: Compose, folder: string, addresses: [string, string][]) {
    this.#compose = compose
    this.#folder = folder
    this.#addresses = addresses
  }

  /** @param addresses text in the file, and what stands in its place here ("postgres://…", "storage:7070"). */
  static async of(compose: Compose, addresses: [string, string][]): Promise<Machine> {
    return new Machine(compose, await mkdtemp(join(tmpdir(), 'lesionloop-deploy-')), addresses)
  }

  /** What stands for a container's root: a folder with its volumes in their places. */
  root(service: string): string {
    const root = join(this.#folder, 'roots', service)
    if (existsSync(root)) return root
    mkdirSync(root, { recursive: true })
    for (const mount of this.#service(service).volumes ?? []) {
      const [volume, place] = mount.split(':') as [string, string]
      mkdirSync(join(this.#folder, 'volumes', volume), { recursive: true })
      symlinkSync(join(this.#folder, 'volumes', volume), join(root, place))
    }
    return root
  }

  start(name: string): Running {
    const service = this.#service(name)
    const entry = service.entrypoint ?? (service.build ? imageOf(service.build.target).entrypoint : [])
    const child = this.#spawn(name, [...entry, ...service.command])
    let log = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-20_000)
      })
    const isGone = () => child.exitCode !== null || child.signalCode !== null
    const running: Running = {
      name,
      child,
      log: () => log,
      healthy: async () => {
        const check = service.healthcheck!.test.slice(1)
        const until = Date.now() + HEALTHY_WITHIN_MS
        while ((await this.#status(name, check)) !== 0) {
          if (isGone() || Date.now() > until) throw new Error(`${name}: not healthy: ${log}`)
          await delay(200)
        }
      },
      stop: async () => {
        if (isGone()) return child.exitCode ?? child.signalCode
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        const [status, signal] = (await gone) as [number | null, string | null]
        return status ?? signal
      },
    }
    this.#running.push(running)
    return running
  }

  /** `docker compose run --rm SERVICE …`: its own image and environment, another command. */
  async run(name: string, command: readonly string[], input = ''): Promise<{ status: number; out: string }> {
    const child = this.#spawn(name, [...imageOf(this.#service(name).build!.target).entrypoint, ...command])
    let out = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        out += text
      })
    child.stdin!.end(input)
    const [status] = (await once(child, 'close')) as [number]
    return { status, out }
  }

  /** Ends what still runs and clears the folders away. */
  async close(): Promise<void> {
    for (const { child } of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Where a service sees its root. */
  #at(service: string): string {
    if (!canMount()) return this.root(service)
    const place = join(this.#folder, 'root')
    mkdirSync(place, { recursive: true })
    return place
  }

  #service(name: string): Service {
    const service = this.#compose.services[name]
    if (!service) throw new Error(`${name}: no such service`)
    return service
  }

  #spawn(name: string, command: readonly string[]): ChildProcess {
    const service = this.#service(name)
    const given = {
      ...(service.build ? imageOf(service.build.target).environment : {}),
      ...service.environment,
    }
    const environment = Object.entries(given).map(([key, value]) => [key, this.#here(name, value)] as const)
    const [program, ...rest] = command.map(word => this.#here(name, word))
    const own = this.root(name)
    const words = [program === 'node' ? process.execPath : program!, ...rest]
    // Each sees its own folders under the same path, as containers do: a path that one tells another must not be enough.
    const [first, ...others] = canMount() ? [...NAMESPACE, own, this.#at(name), ...words] : words
    return spawn(first!, others, {
      // Stands for the container's root: the default ./workspace is the volume.
      cwd: own,
      env: {
        PATH: [process.env['PATH'], join(homedir(), 'go', 'bin')].join(delimiter),
        HOME: this.#at(name),
        ...Object.fromEntries(environment),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  async #status(name: string, check: readonly string[]): Promise<number | null> {
    const child = this.#spawn(name, check)
    child.stdout!.resume()
    child.stderr!.resume()
    const [status] = (await once(child, 'exit')) as [number | null]
    return status
  }

  /** A word of the file as it is said on this machine. */
  #here(service: string, word: string): string {
    let said = word
    for (const [there, here] of this.#addresses) said = said.replaceAll(there, here)
    return said
      .replace(/^\/app\//, `${packagePath()}/`)
      .replaceAll(/(?<![\w/.])\/(data|cache|workspace)\b/g, join(this.#at(service), '$1'))
  }
}

/** Starts a program with a folder ($1) in the place of another ($2), for this program alone. */
const NAMESPACE = [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  ...['--mount', '--propagation', 'private'],
  ...['sh', '-c', 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"', 'service'],
]

let mounts: boolean | undefined

/** Whether this machine lets a process have mounts of its own; where not, services see each other's folders. */
function canMount(): boolean {
  const [program, ...words] = NAMESPACE
  mounts ??= spawnSync(program!, [...words, tmpdir(), tmpdir(), 'true'], { stdio: 'ignore' }).status === 0
  return mounts
}

interface Image {
  entrypoint: string[]
  environment: Record<string, string>
}

const dockerfile = readDockerfile(await readFile(packagePath('Dockerfile'), 'utf8'))

/** What an image of ours starts, and the environment it sets. */
function imageOf(target: string): Image {
  const stage = dockerfile.find(({ name }) => name === target)
  if (!stage) throw new Error(`${target}: no such stage`)
  const last = (name: string) => stage.instructions.findLast(instruction => instruction.name === name)
  return {
    entrypoint: words(last('ENTRYPOINT')!),
    environment: Object.assign({}, ...stage.instructions.filter(({ name }) => name === 'ENV').map(settings)),
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
