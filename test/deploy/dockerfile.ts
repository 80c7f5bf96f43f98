/** An instruction of a Dockerfile: its name, and what follows it on its lines joined into one. */
export interface Instruction {
  name: string
  rest: string
  line: number
}

/** A stage: what it builds on, under which name others copy from it, and what it does. */
export interface Stage {
  from: string
  name: string
  instructions: Instruction[]
}

/** Instructions of the Dockerfile reference (docs.docker.com/reference/dockerfile). */
export const KNOWN = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
] as const

/**
 * Reads the part of the format that ours uses: comments, lines that go on behind a backslash, stages. No heredocs, no
 * variables, no parser directives.
 * @throws Error with the line, where an instruction stands before the first FROM or has nothing behind it.
 */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = []
  for (const instruction of instructions(text)) {
    if (instruction.name === 'FROM') {
      const [, from, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.rest) ?? []
      if (!from) throw new Error(`line ${instruction.line}: FROM ${instruction.rest}: expected IMAGE AS NAME`)
      stages.push({ from, name: name ?? String(stages.length), instructions: [] })
      continue
    }
    const stage = stages.at(-1)
    if (!stage) throw new Error(`line ${instruction.line}: ${instruction.name} before the first FROM`)
    stage.instructions.push(instruction)
  }
  return stages
}

function instructions(text: string): Instruction[] {
  const found: Instruction[] = []
  let open: { line: number; parts: string[] } | undefined
  for (const [at, raw] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(raw)) continue
    const goesOn = raw.trimEnd().endsWith('\\')
    const part = raw.trim().replace(/\s*\\$/, '')
    open ??= { line: at + 1, parts: [] }
    open.parts.push(part)
    if (goesOn) continue
    const [, name, rest] = /^(\S+)\s+(.*)$/.exec(open.parts.join(' ')) ?? []
    if (!name || !rest)
      throw new Error(`line ${open.line}: ${open.parts[0]}: an instruction without anything`)
    found.push({ name: name.toUpperCase(), rest, line: open.line })
    open = undefined
  }
  if (open) throw new Error(`line ${open.line}: goes on behind the end`)
  return found
}

/** Words of CMD and ENTRYPOINT, which stand as a JSON list in ours: without a shell between us and the signals. */
export function words(instruction: Instruction): string[] {
  const list = JSON.parse(instruction.rest) as unknown
  if (Array.isArray(list) && list.every(word => typeof word === 'string')) return list
  throw new Error(`line ${instruction.line}: ${instruction.name}: expected a list of words`)
}

/** What COPY takes from where: `from` is a stage or an image, undefined the files of the build. */
export function copied({ rest, line }: Instruction): { from?: string; sources: string[]; target: string } {
  const parts = rest.split(/\s+/)
  const flags = parts.filter(part => part.startsWith('--'))
  const paths = parts.filter(part => !part.startsWith('--'))
  const target = paths.pop()
  if (!target || paths.length === 0) throw new Error(`line ${line}: COPY ${rest}: expected SOURCE… TARGET`)
  const from = flags.find(flag => flag.startsWith('--from='))?.slice('--from='.length)
  return { ...(from === undefined ? {} : { from }), sources: paths, target }
}

/** Values of ENV and LABEL. */
export function settings({ rest }: Instruction): Record<string, string> {
  const pairs = [...rest.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g)]
  return Object.fromEntries(pairs.map(([, name, quoted, plain]) => [name!, quoted ?? plain ?? '']))
}

/**
 * Whether .dockerignore keeps a path out of the build. The last line that fits decides, as in the reference; ours has
 * whole names and `*` only.
 */
export function isIgnored(path: string, lines: readonly string[]): boolean {
  let ignored = false
  for (const line of lines) {
    const pattern = line.trim()
    if (pattern === '' || pattern.startsWith('#')) continue
    const isBack = pattern.startsWith('!')
    const name = isBack ? pattern.slice(1) : pattern
    if (/[?[\\]|\*./.test(name))
      throw new Error(`.dockerignore: ${pattern}: this reader knows names and * only`)
    if (name === '*' || path === name || path.startsWith(`${name}/`)) ignored = !isBack
  }
  return ignored
}
