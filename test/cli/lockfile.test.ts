import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'

interface Locked {
  optionalDependencies?: Record<string, string>
}
const { packages } = JSON.parse(readFileSync(packagePath('package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}

test('the lock file names the packages of every platform, without which npm ci refuses on a new machine', () => {
  const names = new Set(Object.keys(packages).map(path => path.slice(path.lastIndexOf('node_modules/') + 13)))
  const missing = Object.values(packages)
    .flatMap(locked => Object.keys(locked.optionalDependencies ?? {}))
    .filter(name => !names.has(name))
  expect(missing).toEqual([])
})

test('the lock file records no download addresses', () => {
  expect(readFileSync(packagePath('package-lock.json'), 'utf8')).not.toContain('"resolved"')
})
