import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { LesionloopError } from '../../../data/errors.ts'
import { complaint, runProgram } from './external-program.ts'
import { type PinnedPackage, programMissing, unpackPackage } from './npm-package.ts'

/** Node's headers as an npm package, for machines whose Node came without them. N-API doesn't change with Node. */
const HEADERS: PinnedPackage = {
  name: 'node-api-headers',
  version: '1.9.0',
  integrity:
    'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
}

/**
 * The folder of `node_api.h`: npm's `nodedir`, Node's own prefix, what node-gyp has fetched, else an npm package.
 */
export async function findNodeHeaders(options: {
  downloads: string
  into: string
  from?: string
  signal?: AbortSignal
}): Promise<string> {
  const prefix = join(dirname(process.execPath), '..')
  const nodedir = process.env['npm_config_nodedir']
  const places = [
    ...(nodedir ? [join(nodedir, 'include', 'node')] : []),
    join(prefix, 'include', 'node'),
    join(homedir(), '.cache', 'node-gyp', process.versions.node, 'include', 'node'),
  ]
  const found = places.find(place => existsSync(join(place, 'node_api.h')))
  if (found) return found
  await unpackPackage(HEADERS, options.into, options)
  return join(options.into, 'include')
}

export interface Compiler {
  file: string
  /** "g++ (Debian 12.2.0-14) 12.2.0" */
  version: string
}

/**
 * The C++ compiler: $CXX, g++, c++, clang++.
 * @throws LesionloopError `program-missing`.
 */
export async function findCompiler(names = [process.env['CXX'], 'g++', 'c++', 'clang++']): Promise<Compiler> {
  for (const file of names) {
    if (!file) continue
    const outcome = await runProgram(file, ['--version'])
    if (outcome.status === 0) return { file, version: outcome.stdout.split('\n')[0]!.trim() }
  }
  throw programMissing('g++', 'install a C++ compiler (apt install g++, dnf install gcc-c++)')
}

/**
 * Compiles the addon's binding and links it with libtensorflow, which it will find by a path relative to itself.
 * @throws LesionloopError `compile-failed`.
 */
export async function compileBinding(
  { file }: Compiler,
  paths: {
    /** The addon's `binding/`. */
    sources: string
    nodeHeaders: string
    /** TensorFlow's headers. */
    include: string
    tensorflow: string
    output: string
    /** From the output's folder to libtensorflow's. */
    runpath: string
  },
  signal?: AbortSignal,
): Promise<void> {
  const sources = (await readdir(paths.sources)).filter(name => name.endsWith('.cc'))
  await mkdir(dirname(paths.output), { recursive: true })
  await compile(
    file,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      ...[paths.nodeHeaders, paths.sources, paths.include].map(folder => `-I${folder}`),
      ...sources.map(name => join(paths.sources, name)),
      ...['-o', paths.output, `-L${paths.tensorflow}`, '-l:libtensorflow_cc.so.2'],
      ...['-l:libtensorflow_framework.so.2', `-Wl,-rpath,$ORIGIN/${paths.runpath}`],
    ],
    'the addon',
    signal,
  )
}

/** Compiles the program that asks the GPU's driver; it looks for CUDA where libtensorflow does. */
export async function compileProbe(
  { file }: Compiler,
  paths: { source: string; output: string; runpaths: string[] },
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(dirname(paths.output), { recursive: true })
  const runpath = paths.runpaths.map(path => `$ORIGIN/${path}`).join(':')
  await compile(
    file,
    ['-std=c++17', '-O1', paths.source, '-o', paths.output, '-ldl', `-Wl,-rpath,${runpath}`],
    'cuda-probe',
    signal,
  )
}

async function compile(
  compiler: string,
  args: string[],
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const outcome = await runProgram(compiler, args, signal ? { signal } : {})
  if (outcome.status !== 0)
    throw new LesionloopError(
      'compile-failed',
      `compile: ${what}: ${compiler} failed (${complaint(outcome)}); a compiler for C++17 was expected: install a newer one, or name it with CXX`,
      { compiler, stderr: outcome.stderr.slice(0, 4000) },
    )
}
