import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Progress } from '../../../data/records/job.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import {
  type InstallOptions,
  installBackend,
  removeBackend,
} from '../../../trainer/backend/install/install.ts'
import { backendLayout, backendsFolder, readInstallation } from '../../../trainer/backend/install/layout.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { canCompile } from './can-compile.ts'
import { tinyIndex } from './tiny-index.ts'
import { compiled, sha256, type TinyRelease, tinyGpuRelease, tinyRelease, wheelOf } from './tiny-wheel.ts'

describe.skipIf(!canCompile)('the installation of a backend', () => {
  let tiny: TinyRelease
  beforeAll(async () => {
    tiny = await tinyRelease()
  }, 60_000)
  afterAll(() => rm(tiny.folder, { recursive: true, force: true }))

  const install = async (options: InstallOptions) =>
    installBackend('native', {
      cache: await temporaryFolder(),
      library: tiny.library,
      from: tiny.folder,
      pauseMs: 1,
      ...options,
    })
  const files = () => ({ [tiny.filename]: tiny.wheel })

  it('fetches, unpacks, compiles and tries the addon, and keeps only what runs', async () => {
    const cache = await temporaryFolder()
    const { url } = await tinyIndex({ files: files() })
    const steps = new Set<string>()
    const onProgress = ({ step }: Progress) => void steps.add(step.replace(/ .*(?= \(MiB\))/, ''))
    const done = await install({ cache, index: url, onProgress })
    expect(done).toEqual({
      backend: 'native',
      folder: backendLayout('native', cache).folder,
      tensorflow: '0.0.1-tiny',
      already: false,
      by: 'lesionloop',
    })
    expect([...steps]).toEqual([
      'fetching @tensorflow/tfjs-node',
      'fetching (MiB)',
      'unpacking (MiB)',
      'compiling the addon',
      'trying the addon',
    ])
    expect(readdirSync(backendsFolder(cache))).toEqual(['native-4.22.0-2.18.1'])
    expect(readdirSync(done.folder).sort()).toEqual(['installed.json', 'node_modules', 'site'])
    expect(readdirSync(join(done.folder, 'site', 'tensorflow'))).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ])
    const record = JSON.parse(await readFile(join(done.folder, 'installed.json'), 'utf8'))
    expect(record.sources).toEqual([
      { name: '@tensorflow/tfjs-node@4.22.0', hash: tiny.library.addonIntegrity },
      { name: 'tiny-tensorflow 0.0.1', hash: `sha256-${sha256(tiny.wheel)}` },
    ])
  })

  it('asks nobody the second time', async () => {
    const cache = await temporaryFolder()
    const { url, requests } = await tinyIndex({ files: files() })
    await install({ cache, index: url })
    const asked = requests.length
    expect(await install({ cache, index: url })).toMatchObject({ already: true, tensorflow: '0.0.1-tiny' })
    expect(requests.length).toBe(asked)
  })

  it('takes wheels from a folder without asking the index, whose address may be wrong', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, tiny.filename), tiny.wheel)
    await writeFile(
      join(folder, 'tensorflow-tfjs-node-4.22.0.tgz'),
      await readFile(join(tiny.folder, 'tensorflow-tfjs-node-4.22.0.tgz')),
    )
    expect(await install({ from: folder, index: 'http://127.0.0.1:1/simple/' })).toMatchObject({
      already: false,
    })
  })

  it('refuses a wheel in the folder that is not the one it was tried with', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, tiny.filename), wheelOf('tiny-tensorflow', '0.0.1', {}))
    await writeFile(
      join(folder, 'tensorflow-tfjs-node-4.22.0.tgz'),
      await readFile(join(tiny.folder, 'tensorflow-tfjs-node-4.22.0.tgz')),
    )
    await expect(install({ from: folder })).rejects.toMatchObject({ code: 'wheel-hash' })
  })

  it('mends an installation of which a file was cut short', async () => {
    const cache = await temporaryFolder()
    const { url } = await tinyIndex({ files: files() })
    const { folder } = await install({ cache, index: url })
    const library = join(folder, 'site', 'tensorflow', 'libtensorflow_cc.so.2')
    await truncate(library, 100)
    expect(readInstallation(backendLayout('native', cache))).toMatch(
      /^site\/tensorflow\/libtensorflow_cc.so.2 has 100 bytes of \d+$/,
    )
    expect(await install({ cache, index: url })).toMatchObject({ already: false })
    expect((await stat(library)).size).toBeGreaterThan(100)
  })

  it('goes on where it was killed: the bytes that came are not fetched again', async () => {
    const cache = await temporaryFolder()
    let stalled = false
    const { url, requests } = await tinyIndex({
      files: files(),
      answer: (_request, response, count) => {
        if (count !== 1) return false
        response.writeHead(200, { 'content-length': tiny.wheel.length })
        response.write(tiny.wheel.subarray(0, 2_000_000), () => {
          stalled = true
        })
        return true
      },
    })
    const options = { cache, library: tiny.library, from: tiny.folder, index: url, pauseMs: 1 }
    const module = pathToFileURL(packagePath('dist', 'trainer', 'backend', 'install', 'install.js')).href
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { installBackend } = await import(${JSON.stringify(module)}); await installBackend('native', ${JSON.stringify(options)})`,
    ])
    const partial = join(backendsFolder(cache), 'downloads', `${tiny.filename}.partial`)
    await vi.waitFor(
      async () => {
        expect(stalled).toBe(true)
        expect((await stat(partial)).size).toBe(2_000_000)
      },
      { timeout: 30_000, interval: 20 },
    )
    const ended = new Promise(resolve => child.on('close', (_status, signal) => resolve(signal)))
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    expect(await install(options)).toMatchObject({ already: false })
    expect(requests.at(-1)?.range).toBe('bytes=2000000-')
  })

  it('does not unpack again what was unpacked when it failed later', async () => {
    const cache = await temporaryFolder()
    const { url, requests } = await tinyIndex({ files: files() })
    // A compiler that is found, and fails at its work.
    const compiler = join(await temporaryFolder(), 'cxx')
    await writeFile(
      compiler,
      '#!/bin/sh\n[ "$1" = --version ] && echo "cxx 1" && exit 0\necho "error: no such standard" >&2\nexit 1\n',
      {
        mode: 0o755,
      },
    )
    vi.stubEnv('CXX', compiler)
    try {
      await expect(install({ cache, index: url })).rejects.toMatchObject({
        code: 'compile-failed',
        message: expect.stringContaining('error: no such standard') as string,
      })
    } finally {
      vi.unstubAllEnvs()
    }
    const asked = requests.length
    await install({ cache, index: url })
    expect(requests.length).toBe(asked)
  })

  it('does not put an addon in place that does not compute', async () => {
    const cache = await temporaryFolder()
    const broken = wheelOf('tiny-tensorflow', '0.0.1', {
      'tensorflow/libtensorflow_cc.so.2': compiled(
        'extern "C" const char* TF_Version() { __builtin_trap(); }',
      ),
      'tensorflow/libtensorflow_framework.so.2': compiled('', 'libtensorflow_framework.so.2'),
      'tensorflow/include/tensorflow/c/c_api.h': Buffer.from('extern "C" const char* TF_Version(void);\n'),
    })
    const library: TinyRelease['library'] = {
      ...tiny.library,
      wheel: { ...tiny.library.wheel, sha256: sha256(broken) },
    }
    const { url } = await tinyIndex({ files: { [tiny.filename]: broken } })
    await expect(install({ cache, index: url, library })).rejects.toMatchObject({
      code: 'backend-failed',
      message: expect.stringMatching(/ended by SIG(ILL|TRAP)/) as string,
    })
    expect(existsSync(backendLayout('native', cache).folder)).toBe(false)
  })

  it('lets one installer in at a time, and is not held up by one that died', async () => {
    const cache = await temporaryFolder()
    const { url } = await tinyIndex({ files: files() })
    const other = spawn('sleep', ['60'])
    await mkdir(backendsFolder(cache), { recursive: true })
    const start = execFileSync('cut', ['-d', ' ', '-f', '22', `/proc/${other.pid}/stat`], {
      encoding: 'utf8',
    })
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).slice(0, 8)
    await writeFile(join(backendsFolder(cache), `.lock-${other.pid}-00`), `${boot}:${start.trim()}`)
    await expect(install({ cache, index: url })).rejects.toMatchObject({ code: 'lock-held' })
    other.kill('SIGKILL')
    await new Promise(resolve => other.on('close', resolve))
    expect(await install({ cache, index: url })).toMatchObject({ already: false })
  })

  it('says what to install where there is no compiler', async () => {
    vi.stubEnv('PATH', '/nonexistent')
    vi.stubEnv('CXX', '')
    try {
      await expect(install({})).rejects.toThrow(
        'program: g++: not found on the path; install a C++ compiler (apt install g++, dnf install gcc-c++) and run it again',
      )
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('sees before the first byte that the disk has no room', async () => {
    const { url, requests } = await tinyIndex({ files: files() })
    const library = { ...tiny.library, roomBytes: 1e18 }
    await expect(install({ index: url, library })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/GB are free, 1000000000\.0 GB were expected; make room/) as string,
    })
    expect(requests).toEqual([])
  })

  it('stops when asked to, and keeps what came', async () => {
    const cache = await temporaryFolder()
    const controller = new AbortController()
    const { url } = await tinyIndex({
      files: files(),
      answer: (_request, response, count) => {
        if (count !== 1) return false
        response.writeHead(200, { 'content-length': tiny.wheel.length })
        response.write(tiny.wheel.subarray(0, 1_000_000))
        return true
      },
    })
    const running = install({ cache, index: url, signal: controller.signal })
    const partial = join(backendsFolder(cache), 'downloads', `${tiny.filename}.partial`)
    void vi
      .waitFor(async () => expect((await stat(partial)).size).toBe(1_000_000), { timeout: 20_000 })
      .then(() => controller.abort(new Error('stopped')))
    await expect(running).rejects.toThrow('stopped')
    expect((await stat(partial)).size).toBe(1_000_000)
  })

  it('is removed with all it left, also of a run that failed', async () => {
    const cache = await temporaryFolder()
    const { url } = await tinyIndex({ files: files() })
    await install({ cache, index: url })
    await mkdir(join(backendsFolder(cache), '.native-4.22.0-2.18.1.staging'))
    expect(await removeBackend('native', cache)).toBe(true)
    expect(readdirSync(backendsFolder(cache))).toEqual([])
    expect(await removeBackend('native', cache)).toBe(false)
  })

  it('brings the CUDA packages that the wheel names, where libtensorflow finds them', async () => {
    const gpu = await tinyGpuRelease(tiny)
    onTestFinished(() => rm(gpu.folder, { recursive: true, force: true }))
    const { url } = await tinyIndex({ files: gpu.files })
    const cache = await temporaryFolder()
    const { folder } = await installBackend('gpu', {
      cache,
      index: url,
      from: gpu.folder,
      pauseMs: 1,
      library: gpu.library,
    })
    expect(await readFile(join(folder, 'site', 'nvidia', 'cudnn', 'lib', 'libcudnn.so.9'), 'utf8')).toBe(
      'cudnn',
    )
    expect(existsSync(join(folder, 'site', 'nvidia', 'cudnn', 'include'))).toBe(false)
    // On no RUNPATH: beside libtensorflow, where $ORIGIN leads.
    expect(await readFile(join(folder, 'site', 'tensorflow', 'libnccl.so.2'), 'utf8')).toBe('nccl')
    expect(existsSync(backendLayout('gpu', cache).probe)).toBe(true)
  })
})
