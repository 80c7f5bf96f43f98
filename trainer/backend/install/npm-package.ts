import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LesionloopError } from '../../../data/errors.ts'
import { complaint, type ProgramOutcome, runProgram } from './external-program.ts'

/** An npm package at one release, pinned by npm's own hash. */
export interface PinnedPackage {
  name: string
  version: string
  integrity: string
}

/**
 * The unpacked package, by npm's own means: npm knows the registry, its password and its proxy. Nothing of the
 * package is run. A tarball in `from` (as `npm pack` names it) is taken before the registry is asked.
 * @throws LesionloopError `package-unreachable`, `package-damaged`, `program-missing`.
 */
export async function unpackPackage(
  pinned: PinnedPackage,
  into: string,
  { downloads, from, signal }: { downloads: string; from?: string; signal?: AbortSignal },
): Promise<void> {
  const tarball = await fetchTarball(pinned, downloads, from, signal)
  const unpacked = `${into}.unpacking`
  await rm(unpacked, { recursive: true, force: true })
  await rm(into, { recursive: true, force: true })
  await mkdir(unpacked, { recursive: true })
  const outcome = await runProgram('tar', ['-xzf', tarball, '-C', unpacked, '--no-same-owner'], {
    ...(signal ? { signal } : {}),
  })
  if (outcome.missing) throw programMissing('tar')
  if (outcome.status !== 0) throw damaged(pinned, complaint(outcome))
  await mkdir(dirname(into), { recursive: true })
  await rename(join(unpacked, 'package'), into)
  await rm(unpacked, { recursive: true, force: true })
}

async function fetchTarball(
  pinned: PinnedPackage,
  downloads: string,
  from: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const file = `${pinned.name.replace('@', '').replace('/', '-')}-${pinned.version}.tgz`
  const path = join(downloads, file)
  if (existsSync(path) && (await integrityOf(path)) === pinned.integrity) return path
  await mkdir(downloads, { recursive: true })
  const folder = await mkdtemp(join(downloads, '.npm-'))
  try {
    if (from !== undefined && existsSync(join(from, file)))
      await copyFile(join(from, file), join(folder, file))
    else {
      const outcome = await runNpm(
        ['pack', `${pinned.name}@${pinned.version}`, '--ignore-scripts', '--loglevel=error'],
        folder,
        signal,
      )
      if (outcome.status !== 0)
        throw new LesionloopError(
          'package-unreachable',
          `package: ${pinned.name}@${pinned.version}: npm could not fetch it (${complaint(outcome)}); go online, or put ${file} into a folder and name it with --from DIR`,
          { package: pinned.name },
        )
    }
    const [found] = (await readdir(folder)).filter(name => name.endsWith('.tgz'))
    if (!found) throw damaged(pinned, 'npm packed nothing')
    const integrity = await integrityOf(join(folder, found))
    if (integrity !== pinned.integrity)
      throw damaged(
        pinned,
        `it is ${integrity.slice(0, 20)}…, ${pinned.integrity.slice(0, 20)}… was expected`,
      )
    await rename(join(folder, found), path)
    return path
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** npm as it came with this Node: named by npm itself where it started us, beside Node, or on the path. */
async function runNpm(args: string[], cwd: string, signal: AbortSignal | undefined): Promise<ProgramOutcome> {
  const options = { cwd, ...(signal ? { signal } : {}) }
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  const named = process.env['npm_execpath']
  for (const script of [named?.endsWith('npm-cli.js') ? named : undefined, beside])
    if (script && existsSync(script)) return await runProgram(process.execPath, [script, ...args], options)
  const outcome = await runProgram('npm', args, options)
  if (outcome.missing) throw programMissing('npm')
  return outcome
}

async function integrityOf(path: string): Promise<string> {
  return `sha512-${createHash('sha512')
    .update(await readFile(path))
    .digest('base64')}`
}

function damaged({ name, version }: PinnedPackage, why: string): LesionloopError {
  return new LesionloopError(
    'package-damaged',
    `package: ${name}@${version}: ${why}; run it again, or use another registry`,
    { package: name },
  )
}

export function programMissing(name: string, todo = `install it (apt install ${name})`): LesionloopError {
  return new LesionloopError(
    'program-missing',
    `program: ${name}: not found on the path; ${todo} and run it again`,
    { program: name },
  )
}
