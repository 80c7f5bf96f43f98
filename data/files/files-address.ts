import { LesionloopError } from '../errors.ts'
import type { Workspace } from '../workspace/open.ts'

/** Where a workspace's files are kept for all machines. */
export type FilesAddress =
  | { kind: 's3'; bucket: string; prefix: string; endpoint?: string; region?: string; shown: string }
  | { kind: 'folder'; folder: string; shown: string }

/** Name of the environment variable that sets the address. */
export const FILES_VARIABLE = 'LESIONLOOP_FILES'
/** Names the S3 server where it is not Amazon's. */
export const ENDPOINT_VARIABLE = 'LESIONLOOP_S3_ENDPOINT'

/**
 * Reads `s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME` or `file:///FOLDER`. Credentials come from where the AWS
 * tools look for them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws, the machine's role), never from here.
 * @throws LesionloopError `files-address`.
 */
export function filesAddress(given: string): FilesAddress {
  let url: URL
  try {
    url = new URL(given)
  } catch {
    throw refused('not an address')
  }
  if (url.username || url.password)
    throw refused(
      'credentials stand in it; give them by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or ~/.aws',
    )
  if (url.protocol === 'file:') {
    const folder = decodeURIComponent(url.pathname).replace(/\/+$/, '')
    if (url.host || folder === '') throw refused('no folder is named')
    return { kind: 'folder', folder, shown: `file://${url.pathname.replace(/\/+$/, '')}` }
  }
  if (url.protocol !== 's3:') throw refused(`${url.protocol.slice(0, -1)} is neither s3 nor file`)
  const bucket = url.hostname
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket)) throw refused('no bucket is named')
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '')
  if (prefix.split('/').some(part => part === '..' || part === '.')) throw refused('. or .. in the prefix')
  for (const name of url.searchParams.keys())
    if (name !== 'endpoint' && name !== 'region') throw refused(`unknown parameter ${name.slice(0, 30)}`)
  const endpoint = url.searchParams.get('endpoint') ?? process.env[ENDPOINT_VARIABLE]
  if (endpoint && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    throw refused('the endpoint is no http or https address')
  const region = url.searchParams.get('region')
  return {
    kind: 's3',
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    ...(endpoint ? { endpoint } : {}),
    ...(region ? { region } : {}),
    shown: `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
  }
}

const refused = (why: string) =>
  new LesionloopError(
    'files-address',
    `files: ${why}: expected s3://BUCKET/PREFIX, with ?endpoint=https://HOST where it is not Amazon's, or file:///FOLDER`,
  )

/** The address that is set, the nearest first: given, in the environment, in the workspace's settings. */
export function filesOf(workspace: Pick<Workspace, 'settings'>, given?: string): FilesAddress | undefined {
  const address: string | undefined = given || process.env[FILES_VARIABLE] || workspace.settings.files
  return address ? filesAddress(address) : undefined
}
