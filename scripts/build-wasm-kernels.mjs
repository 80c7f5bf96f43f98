// Builds trainer/backend/wasm-kernels/*.wasm from the C beside them, with the compiler in Zig: `zig`, or the Python
// package `ziglang` (pip install ziglang==0.17.1; or name a command in ZIG). The built files are kept in the repository,
// so this is only needed after a change of the sources. The same sources and compiler give the same bytes.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'trainer', 'backend', 'wasm-kernels')
const source = join(folder, 'source')
const names = readdirSync(source).sort()
const [command, ...lead] = (process.env.ZIG ?? 'python3 -m ziglang').split(' ')
const zig = (...rest) => execFileSync(command, [...lead, ...rest], { cwd: source, encoding: 'utf8' })

const common = [
  ...[
    'cc',
    '-target',
    'wasm32-freestanding',
    '-O3',
    '-msimd128',
    '-mbulk-memory',
    '-ffp-contract=off',
    '-nostdlib',
  ],
  ...['-Wall', '-Werror', '-fno-sanitize=all', '-fno-builtin', '-Wno-unused-parameter'],
  ...['-Wl,--no-entry', '-Wl,--import-memory', '-Wl,--export=__stack_pointer', '-Wl,--strip-all'],
]
const digest = bytes => createHash('sha256').update(bytes).digest('hex')
const record = { compiler: `zig ${zig('version').trim()}`, sources: {}, built: {} }
for (const name of names) record.sources[name] = digest(readFileSync(join(source, name)))
zig(...common, '-o', join(folder, 'kernels.wasm'), ...names.filter(name => name.endsWith('.c')))
const plain = readFileSync(join(folder, 'kernels.wasm'))
if (sections(plain).some(({ id }) => id === 11))
  throw new Error("static data: the kernels may have none, since they live in another module's memory")
writeFileSync(join(folder, 'kernels-shared.wasm'), overSharedMemory(plain))
for (const name of ['kernels.wasm', 'kernels-shared.wasm']) {
  const bytes = readFileSync(join(folder, name))
  await WebAssembly.compile(bytes)
  record.built[name] = digest(bytes)
  console.log(`${name}: ${bytes.length} bytes`)
}
writeFileSync(join(folder, 'kernels.json'), `${JSON.stringify(record, null, 2)}\n`)

/** The sections of a WebAssembly binary, with where their contents begin and end. */
function sections(bytes) {
  const found = []
  for (let at = 8; at < bytes.length; ) {
    const start = at
    const id = bytes[at++]
    const [length, from] = number(bytes, at)
    at = from + length
    found.push({ id, start, from, end: at })
  }
  return found
}

/** A number in LEB128, and where it ends. */
function number(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value |= (byte & 127) << shift
    if (byte < 128) return [value, at]
  }
}

/**
 * The same kernels over a memory that several threads share, of at most 4 GiB. No kernel uses atomic instructions, so
 * only the type of the one import, env.memory, differs (the linker in Zig can't say 4 GiB).
 */
function overSharedMemory(bytes) {
  const imports = sections(bytes).find(({ id }) => id === 2)
  const head = bytes.subarray(imports.from, imports.end)
  const name = Buffer.from('\x01\x03env\x06memory\x02', 'latin1')
  if (!head.subarray(0, name.length).equals(name)) throw new Error('imports: expected env.memory alone')
  const [flags, after] = [head[name.length], name.length + 1]
  const [, end] = number(head, after)
  if (flags !== 0 || end !== head.length)
    throw new Error('imports: expected env.memory alone, without a limit')
  const limits = Buffer.concat([Buffer.from([3]), head.subarray(after, end), Buffer.from([0x80, 0x80, 0x04])])
  const section = Buffer.concat([name, limits])
  return Buffer.concat([
    bytes.subarray(0, imports.start),
    Buffer.from([2, section.length]),
    section,
    bytes.subarray(imports.end),
  ])
}
