import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { packagePath } from '../../../data/workspace/package-root.ts'
import type { BackendLibrary } from '../../../trainer/backend/install/libraries.ts'

const fixture = (...parts: string[]) => packagePath('test', 'fixtures', 'tiny-addon', ...parts)
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A wheel as PEP 427 has it: the members, METADATA, and a RECORD with each one's hash. */
export function wheelOf(
  project: string,
  version: string,
  members: Record<string, Uint8Array>,
  metadata = '',
): Uint8Array {
  const info = `${project.replaceAll('-', '_')}-${version}.dist-info`
  const all: Record<string, Uint8Array> = {
    ...members,
    [`${info}/METADATA`]: Buffer.from(`Name: ${project}\nVersion: ${version}\n${metadata}\nAbout it.\n`),
  }
  const record = Object.entries(all)
    .map(
      ([path, bytes]) =>
        `${path},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`,
    )
    .concat(`${info}/RECORD,,`)
  all[`${info}/RECORD`] = Buffer.from(record.join('\n'))
  return zipSync(all, { level: 1 })
}

export const wheelName = (project: string, version: string) =>
  `${project.replaceAll('-', '_')}-${version}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`

export interface TinyRelease {
  library: BackendLibrary
  /** The wheel of the tiny libtensorflow. */
  wheel: Uint8Array
  filename: string
  /** A folder that holds the addon's npm tarball, for --from. */
  folder: string
}

/** Compiles the tiny library, and packs it and the tiny addon as index and registry would hand them out. */
export async function tinyRelease(): Promise<TinyRelease> {
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-tiny-'))
  const build = (name: string, ...more: string[]) =>
    execFileSync('g++', ['-shared', '-fPIC', ...more, `-Wl,-soname,${name}`, '-o', join(folder, name)])
  build('libtensorflow_cc.so.2', fixture('library', 'tiny.cc'))
  build('libtensorflow_framework.so.2', '-x', 'c++', '/dev/null')
  const wheel = wheelOf('tiny-tensorflow', '0.0.1', {
    'tensorflow/libtensorflow_cc.so.2': await readFile(join(folder, 'libtensorflow_cc.so.2')),
    'tensorflow/libtensorflow_framework.so.2': await readFile(join(folder, 'libtensorflow_framework.so.2')),
    'tensorflow/include/tensorflow/c/c_api.h': await readFile(fixture('library', 'c_api.h')),
    // So large, and so hard to press together, that a download can break off in its middle.
    'tensorflow/python/unwanted.bin': noise(3_000_000),
  })
  const tarball = join(folder, 'tensorflow-tfjs-node-4.22.0.tgz')
  execFileSync('tar', ['-czf', tarball, '-C', fixture(), 'package'])
  return {
    wheel,
    filename: wheelName('tiny-tensorflow', '0.0.1'),
    folder,
    library: {
      addon: '@tensorflow/tfjs-node',
      addonIntegrity: integrity(await readFile(tarball)),
      wheel: { project: 'tiny-tensorflow', version: '0.0.1', sha256: sha256(wheel) },
      roomBytes: 1,
    },
  }
}

/** The same for the GPU: a wheel that names two CUDA packages, and those. */
export async function tinyGpuRelease(
  tiny: TinyRelease,
): Promise<{ library: BackendLibrary; files: Record<string, Uint8Array>; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-tiny-'))
  await cp(fixture('package'), join(folder, 'package'), { recursive: true })
  const manifest = join(folder, 'package', 'package.json')
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('tfjs-node', 'tfjs-node-gpu'))
  const tarball = join(folder, 'tensorflow-tfjs-node-gpu-4.22.0.tgz')
  execFileSync('tar', ['-czf', tarball, '-C', folder, 'package'])
  const wheel = wheelOf(
    'tiny-tensorflow',
    '0.0.1',
    {
      'tensorflow/libtensorflow_cc.so.2': compiled(
        'extern "C" const char* TF_Version() { return "0.0.1-tiny-gpu"; }',
      ),
      'tensorflow/libtensorflow_framework.so.2': compiled('', 'libtensorflow_framework.so.2'),
      'tensorflow/include/tensorflow/c/c_api.h': await readFile(fixture('library', 'c_api.h')),
    },
    [
      'Requires-Dist: numpy <2.1.0,>=1.26.0',
      "Requires-Dist: nvidia-cudnn-cu12 ==9.3.0.75 ; extra == 'and-cuda'",
      "Requires-Dist: nvidia-nccl-cu12 ==2.21.5 ; extra == 'and-cuda'",
    ].join('\n'),
  )
  return {
    folder,
    files: {
      [tiny.filename]: wheel,
      [wheelName('nvidia-cudnn-cu12', '9.3.0.75')]: wheelOf('nvidia-cudnn-cu12', '9.3.0.75', {
        'nvidia/cudnn/lib/libcudnn.so.9': Buffer.from('cudnn'),
        'nvidia/cudnn/include/cudnn.h': Buffer.from('a header'),
      }),
      [wheelName('nvidia-nccl-cu12', '2.21.5')]: wheelOf('nvidia-nccl-cu12', '2.21.5', {
        'nvidia/nccl/lib/libnccl.so.2': Buffer.from('nccl'),
      }),
    },
    library: {
      ...tiny.library,
      addon: '@tensorflow/tfjs-node-gpu',
      addonIntegrity: integrity(await readFile(tarball)),
      wheel: { ...tiny.library.wheel, sha256: sha256(wheel) },
      extra: 'and-cuda',
    },
  }
}

/** A shared library of some C++, under a name. */
export function compiled(source: string, name = 'libtensorflow_cc.so.2'): Uint8Array {
  const script = `out=$(mktemp) && printf '%s' "$1" | g++ -x c++ -shared -fPIC -Wl,-soname,$2 -o "$out" - && cat "$out" && rm "$out"`
  return execFileSync('sh', ['-c', script, 'sh', source, name])
}

const integrity = (bytes: Uint8Array) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}
