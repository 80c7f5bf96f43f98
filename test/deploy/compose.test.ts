import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { WORK_KINDS } from '../../data/jobs/queue/work.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { composeText, KNOWN_KEYS, readCompose, seconds, variables } from './compose.ts'
import { readDockerfile } from './dockerfile.ts'
import { isReadByUs } from './environment.ts'
import { faultsOf } from './options.ts'

const example = readFileSync(packagePath('deploy', 'env.example'), 'utf8')
const GIVEN = { DATABASE_PASSWORD: 'database', STORAGE_KEY: 'key', STORAGE_SECRET: 'secret' }
const raw = parse(composeText(), { merge: true }) as Record<string, Record<string, Record<string, unknown>>>
const { services, volumes } = readCompose(GIVEN)
const stages = readDockerfile(readFileSync(packagePath('Dockerfile'), 'utf8')).map(({ name }) => name)

const ours = Object.entries(services).filter(([, { build }]) => build)
/** Settings of the images that are not ours, by their own documentation. */
const THEIRS: Record<string, readonly string[]> = {
  database: ['POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD', 'POSTGRES_INITDB_ARGS'],
  storage: ['ROOT_ACCESS_KEY', 'ROOT_SECRET_KEY'],
}
const optionOf = (command: readonly string[], option: string) => command[command.indexOf(option) + 1]
/** Seconds until the server ends what it could not finish (docs/operations.md). */
const DRAIN = 30

describe('compose.yaml', () => {
  test('has names of the Compose specification only', () => {
    expect(Object.keys(raw).filter(key => !key.startsWith('x-'))).toEqual(KNOWN_KEYS.file)
    for (const [name, service] of Object.entries(raw['services']!)) {
      expect(
        Object.keys(service).filter(key => !KNOWN_KEYS.service.includes(key)),
        name,
      ).toEqual([])
      const keys = Object.keys((service['healthcheck'] as object | undefined) ?? {})
      expect(
        keys.filter(key => !KNOWN_KEYS.healthcheck.includes(key)),
        name,
      ).toEqual([])
    }
  })

  test('has a database, object storage, a server, two workers, and one for a GPU that is asked for', () => {
    expect(Object.keys(services)).toEqual([
      'database',
      'storage',
      'server',
      'miner',
      'trainer',
      'trainer-gpu',
    ])
    const asked = Object.entries(services).filter(([, { profiles }]) => profiles)
    expect(asked.map(([name, { profiles }]) => [name, profiles])).toEqual([['trainer-gpu', ['gpu']]])
  })

  test('holds no password: each stands in .env, whose example names them all and nothing else', () => {
    for (const service of Object.values(raw['services']!))
      for (const [name, value] of Object.entries((service['environment'] as Record<string, string>) ?? {}))
        if (/PASSWORD|SECRET|ACCESS_KEY/.test(name)) expect(value, name).toMatch(/^\$\{\w+:\?.+\}$/)
    const named = [...example.matchAll(/^(\w+)=/gm)].map(([, name]) => name!)
    expect([...variables(composeText()).keys()].sort()).toEqual(named.sort())
    expect(example).toMatch(/^DATABASE_PASSWORD=$/m)
    expect(example).toMatch(/^STORAGE_SECRET=$/m)
  })

  test('does not start without the passwords, and says where they go', () => {
    const { STORAGE_SECRET, ...rest } = GIVEN
    expect(STORAGE_SECRET).toBeTruthy()
    expect(() => readCompose(rest)).toThrow('STORAGE_SECRET: set it in .env, see deploy/env.example')
  })

  test('pins the release of each image that is not built here', () => {
    for (const { image, build } of Object.values(services))
      expect(image).toMatch(build ? /^lesionloop:\w+$/ : /^[\w./-]+:v?\d+\.\d+/)
  })

  test('builds from stages of the Dockerfile, each image from one of its own', () => {
    const images = new Map<string, string>()
    for (const [name, { build, image }] of ours) {
      expect(stages, name).toContain(build!.target)
      expect(images.get(image) ?? build!.target).toBe(build!.target)
      images.set(image, build!.target)
    }
  })

  test('keeps what must last in volumes, and every one of them is somebody’s', () => {
    const used = Object.values(services).flatMap(service => service.volumes ?? [])
    expect([...new Set(used.map(volume => volume.split(':')[0]!))].sort()).toEqual(
      Object.keys(volumes).sort(),
    )
    for (const [name, service] of ours) {
      const targets = service.volumes!.map(volume => volume.split(':')[1])
      expect(targets, name).toEqual(['/workspace', '/cache'])
    }
    // Each machine has a folder of its own: the storage is what they share.
    const folders = ours.map(([, service]) => service.volumes!.find(each => each.endsWith(':/workspace')))
    expect(new Set(folders).size).toBe(ours.length)
  })

  test('starts what is needed before what needs it, and waits until it answers', () => {
    for (const [name, { depends_on = {} }] of Object.entries(services))
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(services[needed], `${name} needs ${needed}`).toBeDefined()
        expect(condition).toBe('service_healthy')
        expect(services[needed]!.healthcheck?.test[0]).toBe('CMD')
      }
    for (const [, { depends_on }] of ours) expect(Object.keys(depends_on!)).toEqual(['database', 'storage'])
  })

  test('starts again what ended, and gives it more time to stop than it takes', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.restart, name).toBe('unless-stopped')
      expect(seconds(service.stop_grace_period!), name).toBeGreaterThanOrEqual(DRAIN)
    }
    for (const [name, service] of ours) {
      expect(seconds(service.stop_grace_period!), name).toBeGreaterThan(DRAIN)
      expect(service.init, name).toBe(true)
    }
  })

  test('opens one port, to this machine alone, the one that the server listens on and is asked at', () => {
    const open = Object.values(services).flatMap(({ ports = [] }) => ports)
    const port = optionOf(services['server']!.command, '--port')!
    expect(open).toEqual([`127.0.0.1:${port}:${port}`])
    expect(services['server']!.healthcheck!.test.join(' ')).toContain(`http://127.0.0.1:${port}/ready`)
    expect(optionOf(services['server']!.command, '--address')).toBe(`http://127.0.0.1:${port}`)
    expect(example).toContain(`ADDRESS=http://127.0.0.1:${port}\n`)
  })

  test('names only what each program reads in its environment', () => {
    for (const [name, { environment = {}, build }] of Object.entries(services))
      for (const variable of Object.keys(environment))
        expect(build ? isReadByUs(variable) : THEIRS[name]!.includes(variable), `${name}: ${variable}`).toBe(
          true,
        )
  })

  test('leads ours to the database and the storage by their names, ports and people', () => {
    const { database, storage } = services
    for (const [, { environment }] of ours) {
      const address = new URL(environment!['LESIONLOOP_DATABASE']!)
      expect([address.hostname, address.port]).toEqual(['database', '5432'])
      expect(address.username).toBe(database!.environment!['POSTGRES_USER'])
      expect(address.pathname.slice(1)).toBe(database!.environment!['POSTGRES_DB'])
      expect(environment!['PGPASSWORD']).toBe(database!.environment!['POSTGRES_PASSWORD'])
      expect(database!.healthcheck!.test).toEqual(
        expect.arrayContaining([address.username, address.pathname.slice(1)]),
      )
      const endpoint = new URL(environment!['LESIONLOOP_S3_ENDPOINT']!)
      expect(endpoint.hostname).toBe('storage')
      expect(storage!.command[0]).toContain(`--port :${endpoint.port} `)
      expect(storage!.healthcheck!.test.join(' ')).toContain(`:${endpoint.port}/health`)
      const bucket = new URL(environment!['LESIONLOOP_FILES']!).hostname
      expect(storage!.command[0]).toContain(`mkdir -p /data/objects/${bucket} `)
      expect(environment!['AWS_ACCESS_KEY_ID']).toBe(storage!.environment!['ROOT_ACCESS_KEY'])
      expect(environment!['AWS_SECRET_ACCESS_KEY']).toBe(storage!.environment!['ROOT_SECRET_KEY'])
    }
  })

  test('gives ours commands whose options the command line has', async () => {
    for (const [name, { command }] of ours) expect(await faultsOf(command), name).toEqual([])
  })

  test('lets every kind of work be done by somebody, and training by the worker with the GPU', () => {
    const kinds = (name: string) => optionOf(services[name]!.command, '--kinds')!.split(',')
    expect([...kinds('miner'), ...kinds('trainer')].sort()).toEqual([...WORK_KINDS].sort())
    expect(services['server']!.command).toContain('--no-work')
    expect(kinds('trainer-gpu')).toContain('train')
    expect(services['trainer-gpu']!.command).toContain('--gpu')
  })
})

describe('docs/deploy.md', () => {
  const text = readFileSync(packagePath('docs', 'deploy.md'), 'utf8')

  test('names services, verbs and options that there are', async () => {
    const runs = [...text.matchAll(/docker compose (?:--profile \S+ )?(?:run|exec) ([^|>#`\n]+)/g)].map(
      ([line, rest]) => {
        const words = rest!.match(/"[^"]*"|\S+/g)!
        // Behind the options of run and exec, of which -v alone has a value.
        const at = words.findIndex((word, i) => !word.startsWith('-') && words[i - 1] !== '-v')
        return { line, service: words[at]!, command: words.slice(at + 1) }
      },
    )
    expect(runs.length).toBeGreaterThan(5)
    for (const { line, service, command } of runs) {
      expect(Object.keys(services), line).toContain(service)
      if (services[service]!.build) expect(await faultsOf(command), line).toEqual([])
    }
  })
})
