import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importCovidCt } from '../../data/formats/covid-ct.ts'
import type { Measure } from '../../data/records/cycle.ts'
import { openStore } from '../../data/stores/open.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../data/workspace/open.ts'
import type { CycleResult } from '../../trainer/cycle/cycle-result.ts'
import { readCycleOptions } from '../../trainer/cycle/options.ts'
import { runCycle } from '../../trainer/cycle/run-cycle.ts'
import { hasRealData, realData } from '../real-data.ts'
import { keepFeatures, restoreFeatures } from './kept-features.ts'

const here = hasRealData('covid-ct')

describe.skipIf(!here)('a cycle on COVID-CT with frozen EfficientNet-Lite0', () => {
  let dir: string
  let workspace: Workspace
  let cycle: CycleResult

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lesionloop-covid-ct-'))
    workspace = await openWorkspace(dir, { create: true })
    const store = await openStore(workspace, { write: ['cases'] })
    await importCovidCt(workspace, join(realData, 'covid-ct'), { cases: store.cases })
    await store.close()
    await restoreFeatures(workspace)
    const init = join(realData, 'weights', 'tf_efficientnet_lite0.safetensors')
    const options = readCycleOptions({ backbone: 'efficientnet-lite0', init, backend: 'auto' })
    cycle = await runCycle(workspace, options)
    await keepFeatures(workspace)
  }, 600_000)
  afterAll(() => nodeFiles.remove(dir))

  it('reaches 0.85 test AUC of the flag on the official split', () => {
    const { value, low, high, n } = cycle.metrics.flag.test!['auc']!
    const chosen = cycle.record.learnedFrom.cases
    console.log(
      `flag, test AUC ${value?.toFixed(3)} (95 % ${low?.toFixed(3)} to ${high?.toFixed(3)}, 2000-fold bootstrap by group), ${n} images, learned from ${chosen.train}`,
    )
    expect(chosen).toMatchObject({ train: 425, val: 118, test: 203 })
    expect(value).toBeGreaterThanOrEqual(0.85)
    expect(low).toBeGreaterThan(0.7)
    expect(high).toBeLessThan(1)
  })

  it('stands beside the shortcut control, which is better', () => {
    const { shortcut, model, gain } = cycle.metrics.shortcut!
    const shown = ({ value, low, high }: Measure) =>
      `${value?.toFixed(3)} (${low?.toFixed(3)} to ${high?.toFixed(3)})`
    console.log(`shortcut control, test AUC ${shown(shortcut)}; gain of the model over it ${shown(gain)}`)
    expect(shortcut.value).toBeGreaterThan(0.9)
    expect(model.value).toBeLessThan(shortcut.value!)
  })

  it('says n/a where a side has no positive of a lesion', () => {
    const { lesions } = cycle.metrics
    expect(lesions.test!.InSepThi['auc']).toMatchObject({ value: null, na: 'no positive', positives: 0 })
    for (const lesion of ['CrPa', 'AirBr', 'InSepThi'] as const)
      expect(lesions.val![lesion]['auc']).toMatchObject({ value: null, na: 'no positive' })
  })

  it('names the three papers that are on more than one side', () => {
    const papers = cycle.metrics.warnings.flatMap(
      warning => /document covid-ct:(\S+): on more than one side/.exec(warning)?.[1] ?? [],
    )
    expect(papers).toEqual(['2020.03.12.20034686', '2020.03.13.20035212', '2020.03.22.20040782'])
  })

  it('asks for every training image, since no expert has read one', () => {
    expect(cycle.pool).toBe(425)
  })
})
