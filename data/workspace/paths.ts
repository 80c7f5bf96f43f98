import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'

/** Where everything of a workspace lies (design.md, "The loop, one way round"). */
export interface WorkspacePaths {
  root: string
  workspaceFile: string
  documents: string
  /** Folder of one document: its source file and document.json. */
  document(id: string): string
  documentFile(id: string): string
  images: string
  /** An image by its file name under images/. */
  image(file: string): string
  cases: string
  splits: string
  duplicates: string
  rejected: string
  rejectedList: string
  labels: string
  journal: string
  snapshot: string
  accounts: string
  jobs: string
  job(id: string): string
  jobFile(id: string): string
  jobLog(id: string): string
  features: string
  featuresOf(backbone: string): string
  cycles: string
  cycle(id: string): string
  promoted: string
  datasets: string
  dataset(name: string): string
  locks: string
  /** Uploads before they are mined. */
  staging: string
  /** What was fetched from the servers, a folder a version, and how far each search got. */
  fetch: string
  /** Why each document is in or out. */
  screening: string
}

export function workspacePaths(dir: string): WorkspacePaths {
  const root = resolve(dir)
  const at = (...parts: string[]) => join(root, ...parts)
  return {
    root,
    workspaceFile: at('workspace.json'),
    documents: at('documents'),
    document: id => at('documents', fileSafe(id)),
    documentFile: id => at('documents', fileSafe(id), 'document.json'),
    images: at('images'),
    image: file => at('images', fileSafe(file)),
    cases: at('cases', 'cases.jsonl'),
    splits: at('splits.json'),
    duplicates: at('duplicates.json'),
    rejected: at('rejected'),
    rejectedList: at('rejected', 'rejected.jsonl'),
    labels: at('labels'),
    journal: at('labels', 'journal.jsonl'),
    snapshot: at('labels', 'snapshot.json'),
    accounts: at('accounts.json'),
    jobs: at('jobs'),
    job: id => at('jobs', fileSafe(id)),
    jobFile: id => at('jobs', fileSafe(id), 'job.json'),
    jobLog: id => at('jobs', fileSafe(id), 'log.txt'),
    features: at('features'),
    featuresOf: backbone => at('features', fileSafe(backbone)),
    cycles: at('cycles'),
    cycle: id => at('cycles', fileSafe(id)),
    promoted: at('promoted.json'),
    datasets: at('datasets'),
    dataset: name => at('datasets', fileSafe(name)),
    locks: at('locks'),
    staging: at('staging'),
    fetch: at('fetch'),
    screening: at('screening.jsonl'),
  }
}

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * A name safe as one file's or folder's name on any system. A plain name stays as it is; any other has its odd
 * characters replaced and a piece of its hash added, so that two ids never share a folder ("a/b" and "a_b").
 */
export function fileSafe(id: string): string {
  const plain = /^[a-z0-9][a-z0-9._-]{0,99}$/.test(id) && !RESERVED.test(id) && !id.endsWith('.')
  if (plain) return id
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 10)
  const readable = id
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._-]+/, '')
    .slice(0, 80)
    .toLowerCase()
  return `${RESERVED.test(readable) ? '_' : ''}${readable}${readable ? '-' : ''}${hash}`
}
