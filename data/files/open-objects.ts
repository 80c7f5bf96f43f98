import type { FilesAddress } from './files-address.ts'
import { folderObjects } from './folder-objects.ts'
import type { ObjectStore } from './object-store.ts'

/** Opens the storage an address names; the AWS SDK is loaded only for `s3://`. */
export async function openObjects(address: FilesAddress): Promise<ObjectStore> {
  if (address.kind === 'folder') return folderObjects(address)
  // Its advice on Node's version is for us (docs/dependencies.md), not for who runs a workspace.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  const { s3Objects } = await import('./s3/s3-objects.ts')
  return s3Objects(address)
}
