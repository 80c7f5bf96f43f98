import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe } from 'vitest'
import { filesAddress } from '../../../data/files/files-address.ts'
import { openObjects } from '../../../data/files/open-objects.ts'
import { storesObjects } from './conformance.ts'
import { hasS3, type S3OfTests, startS3 } from './s3-of-tests.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true }))))

storesObjects('a folder elsewhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lesionloop-share-'))
  folders.push(folder)
  return await openObjects(filesAddress(pathToFileURL(folder).href))
})

describe.skipIf(!hasS3())('versitygw', () => {
  let s3: S3OfTests
  beforeAll(async () => {
    s3 = await startS3()
  })
  afterAll(() => s3?.close())

  storesObjects('S3', () => openObjects(filesAddress(`s3://${s3.newBucket()}/covid?endpoint=${s3.endpoint}`)))
})
