/** What `npm start` and `npm test` need before any dependency is there: Node's own modules only. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const root = dirname(import.meta.dirname)
const stampFile = name => join(root, 'node_modules', '.lesionloop', `${name}.stamp`)

export function run(file, args, options = {}) {
  execFileSync(file, args, { cwd: root, stdio: 'inherit', ...options })
}

/** Hash over what a step depends on: the lock file for the install, names, sizes and times of sources for the build. */
function stampOf(name) {
  const hash = createHash('sha256')
  if (name === 'install')
    return hash
      .update(readFileSync(join(root, 'package-lock.json')))
      .update(process.version)
      .digest('hex')
  const visit = folder => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (/\.(ts|tsx|css|html|json|svg)$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(path)
        hash.update(`${path}\0${size}\0${mtimeMs}\n`)
      }
    }
  }
  for (const room of ['cli', 'data', 'extractor', 'trainer', 'annotator']) visit(join(root, room))
  for (const file of ['cli.ts', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'])
    hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

export function stampIsFresh(name) {
  const done =
    name === 'build'
      ? existsSync(join(root, 'dist', 'cli.js'))
      : existsSync(join(root, 'node_modules', 'zod'))
  return done && existsSync(stampFile(name)) && readFileSync(stampFile(name), 'utf8') === stampOf(name)
}

export function writeStamp(name) {
  mkdirSync(dirname(stampFile(name)), { recursive: true })
  writeFileSync(stampFile(name), stampOf(name))
}

/** Installs what package-lock.json names, once for each lock file. */
export function install() {
  if (stampIsFresh('install')) return false
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(
      `node: ${process.version}: lesionloop needs 20.19 or later; install a newer Node and try again`,
    )
    process.exit(1)
  }
  console.error('installing what is missing (once; about a minute)')
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund'])
  writeStamp('install')
  return true
}
