import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import {
  copied,
  type Instruction,
  isIgnored,
  KNOWN,
  readDockerfile,
  type Stage,
  settings,
  words,
} from './dockerfile.ts'
import { isReadByUs } from './environment.ts'

const stages = readDockerfile(readFileSync(packagePath('Dockerfile'), 'utf8'))
const ignored = readFileSync(packagePath('.dockerignore'), 'utf8').split('\n')
const all = stages.flatMap(stage => stage.instructions)
const called = (instructions: readonly Instruction[], name: string) =>
  instructions.filter(instruction => instruction.name === name)
const stage = (name: string): Stage => {
  const found = stages.find(each => each.name === name)
  if (!found) throw new Error(`${name}: no such stage`)
  return found
}
const images = [stage('cpu'), stage('cuda')]

/** Where COPY puts each of its sources. */
function places(
  instruction: Instruction,
  folder: string,
): { source: string; place: string; from?: string }[] {
  const { from, sources, target } = copied(instruction)
  const into = posix.resolve(folder, target)
  const isFolder = target.endsWith('/') || sources.length > 1
  return sources.map(source => ({
    source,
    place: isFolder ? posix.join(into, posix.basename(source)) : into,
    ...(from === undefined ? {} : { from }),
  }))
}

/** Everything a stage holds under its paths: copied into it, or made by a command of it that names it. */
function content({ instructions }: Stage): string[] {
  let folder = '/'
  return instructions.flatMap(instruction => {
    if (instruction.name === 'WORKDIR') folder = posix.resolve(folder, instruction.rest)
    if (instruction.name === 'COPY') return places(instruction, folder).map(({ place }) => place)
    if (instruction.name !== 'RUN') return []
    return [
      ...(/npm ci/.test(instruction.rest) ? [posix.join(folder, 'node_modules')] : []),
      ...(/build\.mjs/.test(instruction.rest) ? [posix.join(folder, 'dist')] : []),
    ]
  })
}

describe('the reader of Dockerfiles', () => {
  test('joins lines that go on, leaves out comments, and tells stages apart', () => {
    const [one, two] = readDockerfile(
      '# a\nFROM a:1 AS one\nRUN b \\\n  # in between\n  && c\n\nFROM one\nCMD ["d"]\n',
    )
    expect(one).toEqual({
      from: 'a:1',
      name: 'one',
      instructions: [{ name: 'RUN', rest: 'b && c', line: 3 }],
    })
    expect(words(two!.instructions[0]!)).toEqual(['d'])
  })

  test('refuses an instruction before the first stage and one with nothing behind it', () => {
    expect(() => readDockerfile('RUN a')).toThrow('line 1: RUN before the first FROM')
    expect(() => readDockerfile('FROM a\nRUN')).toThrow('line 2: RUN: an instruction without anything')
    expect(() => readDockerfile('FROM a\nRUN b \\\n')).toThrow('line 2: goes on behind the end')
  })

  test('knows which paths .dockerignore keeps out', () => {
    const lines = ['# a', '*', '!data', '!cli.ts', 'data/secret']
    expect(isIgnored('.env', lines)).toBe(true)
    expect(isIgnored('data/records/case.ts', lines)).toBe(false)
    expect(isIgnored('data/secret/key', lines)).toBe(true)
    expect(isIgnored('cli.ts', lines)).toBe(false)
    expect(isIgnored('cli.tsx', lines)).toBe(true)
  })
})

describe('the Dockerfile', () => {
  test('has known instructions only', () => {
    expect(all.map(({ name }) => name).filter(name => !(KNOWN as readonly string[]).includes(name))).toEqual(
      [],
    )
  })

  test('pins the release of every image it builds on, and the same Node everywhere', () => {
    const bases = stages.map(({ from }) => from).filter(from => from !== 'scratch')
    for (const base of bases) expect(base).toMatch(/^[\w./-]+:\d+\.\d+\.\d+-/)
    expect(new Set(bases.filter(base => base.startsWith('node:'))).size).toBe(1)
  })

  test('copies files that exist and that the build is given', () => {
    for (const instruction of called(all, 'COPY')) {
      const { from, sources } = copied(instruction)
      if (from !== undefined) continue
      for (const source of sources) {
        expect(existsSync(packagePath(source)), `line ${instruction.line}: ${source}`).toBe(true)
        expect(isIgnored(source, ignored), `line ${instruction.line}: ${source} is ignored`).toBe(false)
      }
    }
  })

  test('copies from earlier stages what they hold', () => {
    for (const [at, { instructions }] of stages.entries())
      for (const instruction of called(instructions, 'COPY')) {
        const { from, sources } = copied(instruction)
        if (from === undefined) continue
        const earlier = stages.slice(0, at).find(({ name }) => name === from)
        expect(earlier, `line ${instruction.line}: --from=${from}`).toBeDefined()
        for (const source of sources.filter(each => !each.startsWith('/usr/'))) {
          const held = content(earlier!).some(each => each === source || each.startsWith(`${source}/`))
          expect(held, `line ${instruction.line}: ${source} in ${from}`).toBe(true)
        }
      }
  })

  test('leaves out of the build what nobody else should have', () => {
    for (const path of ['.env', '.git', 'workspace', 'deploy/env.example', 'node_modules', 'dist', 'test'])
      expect(isIgnored(path, ignored), path).toBe(true)
  })

  test('puts the dependencies that run into the images, as locked, and none that only build or test', () => {
    const installs = called(stage('dependencies').instructions, 'RUN').map(({ rest }) => rest)
    expect(installs).toEqual(['npm ci --omit=dev'])
    for (const image of [...images, stage('package')])
      expect(called(image.instructions, 'RUN').filter(({ rest }) => /npm (ci|i)\b/.test(rest))).toEqual([])
    const sources = called(stage('package').instructions, 'COPY').map(copied)
    expect(sources.find(({ target }) => target === '/app/node_modules')?.from).toBe('dependencies')
    expect(sources.find(({ target }) => target === '/app/dist')?.from).toBe('build')
  })

  test('brings along every file that the program reads beside its code', () => {
    const held = content(stage('package'))
    for (const read of ['package.json', 'dist/cli.js', 'data/stores/postgres/migrations', 'data/demo/corpus'])
      expect(
        held.some(each => `/app/${read}` === each || `/app/${read}`.startsWith(`${each}/`)),
        read,
      ).toBe(true)
    for (const room of ['extractor/lexicon', 'trainer/backbones', 'trainer/backend/install']) {
      expect(existsSync(packagePath(room))).toBe(true)
      expect(held).toContain(`/app/${room.split('/')[0]}`)
    }
  })

  test('runs as no root, in a folder whose default workspace is the volume', () => {
    for (const { instructions } of images) {
      const user = called(instructions, 'USER').at(-1)?.rest
      expect(user).toBe('1000:1000')
      expect(called(instructions, 'WORKDIR').at(-1)?.rest).toBe('/')
      expect(
        called(instructions, 'RUN').some(({ rest }) =>
          /install -d -o 1000 -g 1000 \/workspace \/cache/.test(rest),
        ),
      ).toBe(true)
    }
  })

  test('starts the command line itself, so that it gets the signals', () => {
    for (const { instructions } of images) {
      expect(words(called(instructions, 'ENTRYPOINT').at(-1)!)).toEqual(['node', '/app/dist/cli.js'])
      expect(called(instructions, 'STOPSIGNAL').at(-1)?.rest).toBe('SIGTERM')
    }
  })

  test('opens the port that its command listens on', () => {
    const { instructions } = stage('cpu')
    const command = words(called(instructions, 'CMD').at(-1)!)
    expect(called(instructions, 'EXPOSE').map(({ rest }) => rest)).toEqual([
      command[command.indexOf('--port') + 1],
    ])
  })

  test('sets only what the program reads, and names itself', () => {
    for (const { instructions } of images) {
      for (const name of called(instructions, 'ENV').flatMap(each => Object.keys(settings(each))))
        expect(isReadByUs(name), name).toBe(true)
      const labels = Object.assign({}, ...called(instructions, 'LABEL').map(settings)) as Record<
        string,
        string
      >
      expect(labels['org.opencontainers.image.title']).toBe('lesionloop')
      expect(labels['org.opencontainers.image.description']).toBeTruthy()
    }
  })

  test('has in the image for a GPU what installing the backend wants: a compiler, npm, Node’s headers', () => {
    const { instructions } = stage('cuda')
    expect(called(instructions, 'RUN').some(({ rest }) => /apt-get install .*\bg\+\+/.test(rest))).toBe(true)
    const targets = called(instructions, 'COPY').map(each => copied(each).target)
    expect(targets).toEqual(expect.arrayContaining(['/usr/local/bin/node', '/usr/local/include/node']))
    expect(targets).toContain('/usr/local/lib/node_modules')
  })
})
