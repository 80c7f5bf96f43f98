/**
 * `npm run sbom [-- FILE]`: the software bill of materials, CycloneDX 1.5 JSON, of what runs and of what builds and
 * tests (scope "excluded"). Made from the installed tree by npm itself; the same tree gives the same bytes, so the
 * number is drawn from the content and no time stands in it.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ready.mjs'

const out = process.argv[2] ?? join(root, 'sbom.cdx.json')
const { name, version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const { status, stdout, stderr } = spawnSync(
  'npm',
  ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'],
  { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
)
if (status !== 0) throw new Error(`sbom: npm could not list the packages; run npm ci first\n${stderr}`)
const whole = JSON.parse(stdout)

/**
 * What the run-time dependencies lead to. npm's own `--omit dev` leaves out a package that something of the tests
 * asks for as well (solid-js), so that the graph is walked here.
 */
const next = new Map(whole.dependencies.map(one => [one.ref, one.dependsOn ?? []]))
const named = ref => ref.slice(0, ref.lastIndexOf('@'))
const ahead = next.get(whole.metadata.component['bom-ref']).filter(ref => named(ref) in dependencies)
const runs = new Set()
for (let ref = ahead.pop(); ref !== undefined; ref = ahead.pop()) {
  if (runs.has(ref)) continue
  runs.add(ref)
  ahead.push(...(next.get(ref) ?? []))
}
const byRef = (a, b) => (a['bom-ref'] ?? a.ref).localeCompare(b['bom-ref'] ?? b.ref, 'en')
whole.components = whole.components
  .map(one => ({ ...one, scope: runs.has(one['bom-ref']) ? 'required' : 'excluded' }))
  .sort(byRef)
whole.dependencies = whole.dependencies
  .map(one => ({ ...one, dependsOn: [...(one.dependsOn ?? [])].sort() }))
  .sort(byRef)
delete whole.serialNumber
delete whole.metadata.timestamp
// npm names the folder it stands in.
Object.assign(whole.metadata.component, { name, version })

const digest = createHash('sha256').update(JSON.stringify(whole)).digest('hex')
const uuid = [
  digest.slice(0, 8),
  digest.slice(8, 12),
  `5${digest.slice(13, 16)}`,
  `8${digest.slice(17, 20)}`,
  digest.slice(20, 32),
].join('-')
writeFileSync(out, `${JSON.stringify({ ...whole, serialNumber: `urn:uuid:${uuid}` }, null, 2)}\n`)
console.log(
  `${out}: ${runs.size} packages that run, ${whole.components.length - runs.size} to build and test`,
)
