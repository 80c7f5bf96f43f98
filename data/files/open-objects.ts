import type { FilesAddress } from './files-address.ts'
import { folderObjects } from './folder-objects.ts'
import type { ObjectStore } from './object-store.ts'

/** Opens the storage an address names; the AWS SDK is loaded only for `s3://`. */
export async function openObjects(address: FilesAddress): Promise<ObjectStore> {
  if (address.kind === 'folder') return folderObjects(address)
  const { s3Objects } = await import('./s3/s3-objects.ts')
  return s3Objects(address)
}
