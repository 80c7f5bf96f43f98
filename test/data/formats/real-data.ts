import { existsSync } from 'node:fs'
import { packagePath } from '../../../data/workspace/package-root.ts'

/** The real data beside the project; see its README there. */
export const realData = packagePath('..', 'shared', 'data')
export const hasRealData = existsSync(realData)
if (!hasRealData && process.env['CI'] !== 'true')
  console.log('skipped: ../shared/data is not there; tests on the real COVID-CT need it')

/** Skip without the data on a developer's machine; fail without them in CI. */
export const skipWithoutRealData = !hasRealData && process.env['CI'] !== 'true'
