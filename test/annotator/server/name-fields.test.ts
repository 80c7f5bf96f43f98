import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { dirname, join, relative, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RULES } from '../../../annotator/server/rules.ts'
import { safeRelativePath } from '../../../annotator/server/safe-file-name.ts'
import { workspacePaths } from '../../../data/workspace/paths.ts'
import { type Client, sealCycle, smallWorkspace, startDesk } from './desk-under-test.ts'

const MARK = 'nobody-may-read-this'
/** The ways up, from every folder a name may be looked up in, to a file beside the workspace and to one inside. */
const CLIMBS = [
  '../secret.txt',
  '../../secret.txt',
  '../../../secret.txt',
  '..\\..\\secret.txt',
  '....//....//secret.txt',
  '%2e%2e%2fsecret.txt',
  '/etc/passwd',
  'file:///etc/passwd',
  '../private/passwords.json',
  '../sessions.json',
  '..',
  '.',
  'x\u0000.png',
  '__proto__',
  'constructor',
  'C:\\Windows\\win.ini',
  '\\\\server\\share\\x',
]
/** Everything a request may name something by. */
const FIELDS = [
  'id',
  'case',
  'document',
  'cycle',
  'name',
  'file',
  'lesion',
  'page',
  'a',
  'b',
  'from',
  'to',
  'format',
  'queue',
  'account',
]

async function deskWithSecrets() {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  await writeFile(join(dirname(workspace.dir), 'secret.txt'), MARK)
  for (const folder of ['', 'images', 'cycles', 'documents', 'staging', 'datasets']) {
    await mkdir(join(workspace.dir, folder), { recursive: true })
    await writeFile(join(workspace.dir, folder, 'secret.txt'), MARK)
  }
  await mkdir(join(workspace.dir, 'private'))
  await writeFile(join(workspace.dir, 'private', 'passwords.json'), `{"passwords":{},"${MARK}":1}`)
  return await startDesk(workspace)
}

const LEAK = new RegExp(`${MARK}|root:.*:0:0:|"sessions":`)

/** Sends a path as it is: fetch would take the dots out. */
function raw(client: Client, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(client.url)
    request(
      { host: url.hostname, port: url.port, path, headers: { Cookie: client.cookie, Host: url.host } },
      response => {
        let body = ''
        response.setEncoding('latin1').on('data', text => {
          body += text
        })
        response.on('end', () => resolve({ status: response.statusCode!, body }))
      },
    )
      .on('error', reject)
      .end()
  })
}

const reads = Object.keys(RULES).filter(
  route => route.startsWith('GET ') && !/events$|export$|\/\*$/.test(route),
)

describe('a name that climbs', () => {
  it('leads nowhere in any part of any path, plain or written in another way', async () => {
    const client = await (await deskWithSecrets()).owner()
    for (const route of reads.filter(each => each.includes(':'))) {
      const pattern = route.slice(4)
      for (const climb of CLIMBS)
        for (const written of [
          climb,
          encodeURIComponent(climb),
          encodeURIComponent(encodeURIComponent(climb)),
        ]) {
          if (written.includes('\0')) continue
          const { status, body } = await raw(client, pattern.replace(/:\w+/g, written))
          expect([pattern, written, status < 500, LEAK.test(body)]).toEqual([pattern, written, true, false])
        }
    }
  })

  it('leads nowhere in any field of any query', async () => {
    const client = await (await deskWithSecrets()).owner()
    for (const route of reads.filter(each => !each.includes(':')))
      for (const climb of CLIMBS) {
        const query = FIELDS.map(field => `${field}=${encodeURIComponent(climb)}`).join('&')
        const { status, body } = await raw(client, `${route.slice(4)}?${query}`)
        expect([route, climb, status < 500 || status === 503, LEAK.test(body)]).toEqual([
          route,
          climb,
          true,
          false,
        ])
      }
  })

  it('leads nowhere below the page, and a file of the workspace is no page', async () => {
    const client = await (await deskWithSecrets()).owner()
    for (const climb of [...CLIMBS, 'assets/../../../package.json', 'accounts.json', 'labels/journal.jsonl'])
      for (const written of [climb, encodeURIComponent(climb)]) {
        if (written.includes('\0')) continue
        const { body } = await raw(client, `/${written.replace(/^\//, '')}`)
        expect([written, LEAK.test(body), /"dependencies"|"accounts"/.test(body)]).toEqual([
          written,
          false,
          false,
        ])
      }
  })

  it('makes no file outside the batch it is sent to', async () => {
    const desk = await deskWithSecrets()
    const client = await desk.owner()
    const { id } = (await client.post('/api/uploads')).body
    const tree = async () =>
      (await readdir(dirname(desk.workspace.dir), { recursive: true }))
        .filter(path => !path.startsWith(join('workspace', 'staging', id)) && !path.includes('.lock'))
        .sort()
    const before = await tree()
    for (const climb of CLIMBS) {
      const path = `/api/uploads/${id}/file?name=${encodeURIComponent(`${climb}/rows.csv`)}`
      const { status, body } = await client.send('PUT', path, Buffer.from('image,caption\n'))
      expect([climb, status]).toEqual([climb, 201])
      expect(body.file.name).not.toMatch(/(^|\/)\.|\\|:|\p{Cc}/u)
    }
    for (const batch of CLIMBS) {
      const path = `/api/uploads/${encodeURIComponent(batch)}/file?name=a.csv`
      expect((await client.send('PUT', path, Buffer.from('a,b\n'))).status).toBe(404)
    }
    expect(await tree()).toEqual(before)
  })

  it('starts no job: documents, figures, cycles and batches are looked up first', async () => {
    const desk = await deskWithSecrets()
    const client = await desk.owner()
    for (const climb of [...CLIMBS, '--workspace=/tmp', '-v']) {
      const asked: [string, unknown][] = [
        ['/api/jobs/pages', { document: climb }],
        ['/api/jobs/figure', { document: climb, figure: climb }],
        ['/api/jobs/mine', { batch: climb }],
        ['/api/promotion', { cycle: climb }],
        // A name of JavaScript itself is a name like any other here.
        ['/api/datasets', { name: `${climb}/` }],
      ]
      for (const [path, body] of asked) {
        const { status } = await client.post(path, body)
        expect([path, climb, status >= 400 && status < 500]).toEqual([path, climb, true])
      }
    }
    expect((await client.get('/api/jobs')).body.jobs).toEqual([])
  })
})

describe('every path of the workspace made of a name', () => {
  const paths = workspacePaths('/workspace')
  const made = [
    'document',
    'documentFile',
    'image',
    'job',
    'jobFile',
    'jobLog',
    'featuresOf',
    'cycle',
    'dataset',
  ] as const

  it.each(made)('%s stays two levels inside, whatever the name, a DOI too', place => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.constantFrom(...CLIMBS, '10.1101/../../../../etc/passwd', '10.1101/2020.01.01v1/../..'),
        ),
        name => {
          const path = relative(paths.root, paths[place](name)).split(sep)
          expect(path[0]).not.toBe('..')
          expect(path.length).toBeGreaterThanOrEqual(2)
          expect(path).not.toContain('..')
          expect(path[1]).not.toMatch(/[/\\\p{Cc}]|^\.*$/u)
        },
      ),
    )
  })

  it('is as safe for the path of a dropped folder', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '.', ''))),
        parts => {
          const safe = safeRelativePath(parts.join('/')).split('/')
          expect(safe.length).toBeLessThanOrEqual(6)
          for (const part of safe) expect(part).not.toMatch(/^\.*$|[/\\]/)
        },
      ),
    )
  })
})
