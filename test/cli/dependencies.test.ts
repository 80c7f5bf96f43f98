import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'

const read = (file: string) => readFileSync(packagePath(file), 'utf8')
const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>
const [running, building] = read('docs/dependencies.md').split('## To build and test')

/** The first cells of a table, taken apart: "solid-js, hono" names two, "@a/b, -c" is `@a/b` and `@a/b-c` or `@a/c`. */
const cells = (page: string) => [...page.matchAll(/^\| (?!package|---)([^|]+) \|/gm)].map(([, cell]) => cell!)
const isNamed = (name: string, page: string) =>
  cells(page).some(cell => {
    const parts = cell.split(/, /).map(part => part.replace(/ [\d.]+$/, '').trim())
    const first = parts[0]!
    return parts.some(part => {
      if (part === name) return true
      if (!part.startsWith('-')) return false
      const scope = first.slice(0, first.lastIndexOf('/') + 1)
      const stems = [scope, ...[...first.matchAll(/-/g)].map(({ index }) => first.slice(0, index))]
      return stems.some(stem => `${stem}${part}` === name || `${stem}${part.slice(1)}` === name)
    })
  })

describe('every dependency has its line in docs/dependencies.md', () => {
  test.each(Object.keys(dependencies))('%s, at run time', name => {
    expect(isNamed(name, running!)).toBe(true)
  })
  test.each(Object.keys(devDependencies))('%s, to build and test', name => {
    expect(isNamed(name, building!)).toBe(true)
  })
  test('a package that stands there and is not used any more is found', () => {
    expect(isNamed('left-pad', running!)).toBe(false)
  })
})

describe('the software bill of materials', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lesionloop-sbom-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const make = (file: string) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [packagePath('scripts/sbom.mjs'), join(dir, file)],
      {
        encoding: 'utf8',
      },
    )
    expect(status, stderr).toBe(0)
    return readFileSync(join(dir, file), 'utf8')
  }

  test('is CycloneDX, names every package with version, licence and hash, and is the same twice', {
    timeout: 60_000,
  }, () => {
    const first = make('one.json')
    const bill = JSON.parse(first) as {
      bomFormat: string
      specVersion: string
      serialNumber: string
      components: {
        name: string
        version: string
        scope: string
        hashes?: unknown[]
        licenses?: unknown[]
        purl: string
      }[]
    }
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' })
    expect(bill.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    const required = bill.components.filter(one => one.scope === 'required')
    const names = required.map(one => one.name)
    for (const name of Object.keys(dependencies)) expect(names).toContain(name)
    for (const one of required) expect(one.licenses, `${one.name}: licence`).toBeDefined()
    expect(make('two.json')).toBe(first)
  })
})
