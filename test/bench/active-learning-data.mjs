/**
 * COVID-CT with the official split of LA-DNN as arrays: frozen EfficientNet-Lite0 features, the published flag, GGO and
 * Csld, and the group (patient and paper together) of every image. Reads ../shared/data; the workspace it imports into
 * is a temporary one, the features are kept beside those of the test suite.
 */
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const here = join(import.meta.dirname, '..', '..')
const dist = path => import(join(here, 'dist', path))
const kept = join(here, 'node_modules', '.cache', 'lesionloop', 'features')

/** @returns {Promise<{train: object[], test: object[], width: number}>} each `{id, group, features, values}` */
export async function covidCtFeatures(data = join(here, '..', 'shared', 'data')) {
  if (!existsSync(join(data, 'covid-ct')))
    throw new Error(`bench: ${data}: no covid-ct folder in it; put the shared data beside the project`)
  const { openWorkspace } = await dist('data/workspace/open.js')
  const { openStore } = await dist('data/stores/open.js')
  const { importCovidCt } = await dist('data/formats/covid-ct.js')
  const { readCorpus } = await dist('trainer/cycle/corpus.js')
  const { chooseBackend } = await dist('trainer/backend/choose-backend.js')
  const { loadBackbone } = await dist('trainer/backbones/load.js')
  const { DEFAULT_TEACHING } = await dist('trainer/fit/targets.js')
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-bench-'))
  try {
    const workspace = await openWorkspace(dir, { create: true })
    const store = await openStore(workspace, { write: ['cases'] })
    await importCovidCt(workspace, join(data, 'covid-ct'), { cases: store.cases })
    await store.close()
    if (existsSync(kept)) await cp(kept, workspace.paths.features, { recursive: true })
    await chooseBackend('wasm')
    const init = join(data, 'weights', 'tf_efficientnet_lite0.safetensors')
    const backbone = await loadBackbone('efficientnet-lite0', { init })
    const { cases } = await readCorpus(workspace, backbone, DEFAULT_TEACHING)
    await cp(workspace.paths.features, kept, { recursive: true })
    const rows = side =>
      cases
        .filter(one => one.side === side)
        .map(({ state, group, features }) => ({
          id: state.id,
          group,
          features,
          values: [
            state.published.flag === 'positive',
            state.published.findings.GGO === 'present',
            state.published.findings.Csld === 'present',
          ].map(Number),
        }))
    return { train: rows('train'), test: rows('test'), width: backbone.features }
  } finally {
    await rm(dir, { recursive: true })
  }
}
