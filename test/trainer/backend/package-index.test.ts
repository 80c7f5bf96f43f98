import { describe, expect, it, onTestFinished } from 'vitest'
import { openConnection } from '../../../trainer/backend/install/connection.ts'
import { findWheel, fits } from '../../../trainer/backend/install/package-index.ts'
import { tinyIndex } from './tiny-index.ts'
import { sha256, wheelName, wheelOf } from './tiny-wheel.ts'

const WHEEL = { project: 'some-library', version: '1.2.3', sha256: null }
const name = wheelName('some-library', '1.2.3')
const bytes = wheelOf('some-library', '1.2.3', {})

function connect() {
  const connection = openConnection({ pauseMs: 1 })
  onTestFinished(() => connection.close())
  return connection
}

describe('the package index', () => {
  it.each(['json', 'html'] as const)('is read in its %s form, with the hash it names', async form => {
    const { url } = await tinyIndex({ files: { [name]: bytes }, form })
    expect(await findWheel(WHEEL, [url], connect())).toMatchObject({
      filename: name,
      url: new URL(`/files/${name}`, url).href,
      sha256: sha256(bytes),
    })
  })

  it('is asked again while it is busy, and then answers', async () => {
    let asked = 0
    const { url } = await tinyIndex({
      files: { [name]: bytes },
      answer: (_request, response) => {
        asked += 1
        if (asked > 2) return false
        response.writeHead(503).end()
        return true
      },
    })
    expect(await findWheel(WHEEL, [url], connect())).toMatchObject({ filename: name })
    expect(asked).toBe(3)
  })

  it('is given up when it stays busy, and the message says what to do', async () => {
    const { url } = await tinyIndex({
      files: {},
      answer: (_request, response) => {
        response.writeHead(503).end()
        return true
      },
    })
    await expect(findWheel(WHEEL, [url], connect())).rejects.toMatchObject({
      code: 'index-unreachable',
      message: expect.stringMatching(/answered HTTP 503 for some-library; check .*try again later/) as string,
    })
  })

  it('that is not there is named, with the ways round it', async () => {
    await expect(findWheel(WHEEL, ['http://127.0.0.1:1/simple/'], connect())).rejects.toMatchObject({
      code: 'index-unreachable',
      message: expect.stringMatching(
        /^index: 127\.0\.0\.1:1: can't be reached .*--index URL or LESIONLOOP_INDEX.*HTTPS_PROXY.*--from DIR$/,
      ) as string,
    })
  })

  it('gives way to the next where it lacks the project', async () => {
    const empty = await tinyIndex({ files: {} })
    const full = await tinyIndex({ files: { [name]: bytes } })
    expect(await findWheel(WHEEL, [empty.url, full.url], connect())).toMatchObject({ filename: name })
    await expect(findWheel(WHEEL, [empty.url], connect())).rejects.toMatchObject({ code: 'wheel-missing' })
  })

  it('is not believed where it names another hash than the pinned one', async () => {
    const { url } = await tinyIndex({ files: { [name]: bytes }, hash: () => 'f'.repeat(64) })
    await expect(findWheel({ ...WHEEL, sha256: sha256(bytes) }, [url], connect())).rejects.toMatchObject({
      code: 'wheel-hash',
    })
  })

  it('that names no hash will do where one is pinned, and only there', async () => {
    const { url } = await tinyIndex({ files: { [name]: bytes }, hash: () => null })
    expect(await findWheel({ ...WHEEL, sha256: sha256(bytes) }, [url], connect())).toMatchObject({
      sha256: sha256(bytes),
    })
    await expect(findWheel(WHEEL, [url], connect())).rejects.toMatchObject({ code: 'wheel-hash' })
  })

  it('gets the name and password of its address, for its own files too, and no message shows them', async () => {
    const { url, requests } = await tinyIndex({ files: { [name]: bytes } })
    const secret = url.replace('//', '//reader:pa%40ss@')
    const connection = connect()
    const found = await findWheel(WHEEL, [secret], connection)
    await (await connection.get(found.url)).arrayBuffer()
    const basic = `Basic ${Buffer.from('reader:pa@ss').toString('base64')}`
    expect(requests.map(({ authorization }) => authorization)).toEqual([basic, basic])
    const missing = findWheel({ ...WHEEL, project: 'other' }, [secret], connection)
    await expect(missing).rejects.not.toThrow(/pa(%40|@)ss/)
  })

  it('that is no index at all is told from one', async () => {
    const { url } = await tinyIndex({
      files: {},
      answer: (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello": 1}')
        return true
      },
    })
    await expect(findWheel(WHEEL, [url], connect())).rejects.toMatchObject({ code: 'index-invalid' })
    await expect(findWheel(WHEEL, ['nonsense'], connect())).rejects.toMatchObject({ code: 'index-invalid' })
  })
})

describe('the name of a wheel', () => {
  const wanted = { project: 'tensorflow-cpu', version: '2.18.1', sha256: null }
  it.each([
    ['tensorflow_cpu-2.18.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', true],
    ['tensorflow_cpu-2.18.1-1-cp311-cp311-manylinux2014_x86_64.whl', true],
    ['tensorflow_cpu-2.18.0-cp311-cp311-manylinux2014_x86_64.whl', false],
    ['tensorflow_cpu-2.18.1-cp311-cp311-manylinux2014_aarch64.whl', false],
    ['tensorflow_cpu-2.18.1-cp311-cp311-win_amd64.whl', false],
    ['tensorflow-2.18.1-cp311-cp311-manylinux2014_x86_64.whl', false],
    ['tensorflow_cpu-2.18.1.tar.gz', false],
  ])('%s fits: %s', (filename, fit) => {
    expect(fits(filename, wanted)).toBe(fit)
  })
})
