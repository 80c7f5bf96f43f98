import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPipConfiguration } from '../../../trainer/backend/install/pip-configuration.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'

async function configuration(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'pip.conf')
  await writeFile(path, text)
  return path
}

describe("pip's configuration", () => {
  it('gives index, further indexes, proxy and certificates', async () => {
    const file = await configuration(
      '# ours\n[global]\nindex-url = https://mirror.example/simple\nextra-index-url =\n    https://a.example/simple\n    https://b.example/simple\nproxy = http://proxy:3128\n; more\ncert: /etc/ca.pem\n[list]\nindex-url = https://wrong.example\n',
    )
    expect(readPipConfiguration({}, [file])).toEqual({
      indexes: ['https://mirror.example/simple', 'https://a.example/simple', 'https://b.example/simple'],
      proxy: 'http://proxy:3128',
      certificates: '/etc/ca.pem',
    })
  })

  it('lets the nearer file win over the farther, and the environment over both', async () => {
    const far = await configuration('[global]\nindex_url = https://far.example\ncert = /far.pem\n')
    const near = await configuration('[install]\nindex-url = https://near.example\n')
    expect(readPipConfiguration({}, [far, near])).toMatchObject({
      indexes: ['https://near.example'],
      certificates: '/far.pem',
    })
    expect(readPipConfiguration({ PIP_INDEX_URL: 'https://env.example' }, [far, near]).indexes).toEqual([
      'https://env.example',
    ])
  })

  it('finds the file the environment names, and no file where that is the null device', async () => {
    const file = await configuration('[global]\nindex-url = https://named.example\n')
    expect(readPipConfiguration({ HOME: '/nonexistent', PIP_CONFIG_FILE: file }).indexes).toEqual([
      'https://named.example',
    ])
    expect(readPipConfiguration({ PIP_CONFIG_FILE: '/dev/null' })).toEqual({
      indexes: [],
      proxy: null,
      certificates: null,
    })
  })

  it('is empty where there is none', () => {
    expect(readPipConfiguration({}, ['/nonexistent/pip.conf'])).toEqual({
      indexes: [],
      proxy: null,
      certificates: null,
    })
  })
})
