import type { ActKind } from '../../data/records/act.ts'
import type { Role } from '../../data/records/vocabulary.ts'
import type { Permission } from './replies.ts'

/**
 * Who may do what, in one place. The guard looks up every request here by its method and route pattern, and
 * refuses a route that has no line; the tests walk the table with each role and with none.
 */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  annotator: ['read', 'review'],
  // An export holds everybody's readings: not for those whose readings must stay their own.
  adjudicator: ['read', 'review', 'adjudicate', 'export'],
  trainer: ['read', 'review', 'train', 'export'],
  curator: ['read', 'review', 'adjudicate', 'train', 'curate', 'export'],
}

/** `anyone`: also without a session. Else the permission that the person's role must give. */
export type Rule = 'anyone' | Permission

export const RULES: Readonly<Record<string, Rule>> = {
  'GET /health': 'anyone',
  'GET /ready': 'anyone',
  // Off unless asked for; then for this machine or a token, which is no person's.
  'GET /metrics': 'anyone',

  'GET /api/me': 'anyone',
  'POST /api/login/link': 'anyone',
  'POST /api/login': 'anyone',
  'POST /api/login/password': 'anyone',
  'POST /api/logout': 'read',
  'POST /api/me/switch': 'read',
  'POST /api/me/password': 'read',
  'GET /api/people': 'read',
  'POST /api/people': 'curate',
  'POST /api/people/update': 'curate',
  'POST /api/people/link': 'curate',
  'GET /api/settings': 'read',
  'PUT /api/settings': 'curate',

  'GET /api/cases': 'read',
  'GET /api/case': 'read',
  'GET /api/case/history': 'read',
  'GET /api/case/opinion': 'read',
  'GET /api/case/heat-map': 'read',
  'POST /api/diagnose': 'read',
  'POST /api/diagnose/give': 'review',
  'GET /api/queue': 'read',
  'GET /api/queue/next': 'read',
  'GET /api/queue/cases': 'read',
  'POST /api/queue/release': 'review',
  'GET /api/label-audit': 'read',
  'GET /api/stop-signals': 'read',
  'POST /api/acts': 'review',
  'POST /api/undo': 'review',
  'POST /api/redo': 'review',

  'GET /api/documents': 'read',
  'GET /api/document': 'read',
  'GET /api/document/source': 'read',
  'GET /api/document/page': 'read',
  'GET /api/doubles': 'read',
  'GET /api/doubles/cases': 'read',
  'GET /api/doubles/count': 'read',
  'POST /api/doubles': 'curate',
  'GET /images/:file': 'read',

  'GET /api/cycles': 'read',
  'GET /api/cycles/:id': 'read',
  'GET /cycles/:id/:file': 'read',
  'GET /api/comparison': 'train',
  'GET /api/promotion': 'read',
  'POST /api/promotion': 'train',
  'POST /api/promotion/rollback': 'train',

  'GET /api/jobs': 'read',
  'GET /api/jobs/:id': 'read',
  'GET /api/jobs/:id/events': 'read',
  'GET /api/events': 'read',
  'POST /api/jobs/cycle': 'train',
  'POST /api/jobs/mine': 'curate',
  'POST /api/jobs/import': 'curate',
  'POST /api/jobs/pages': 'read',
  'POST /api/jobs/figure': 'curate',
  'POST /api/jobs/:id/cancel': 'review',
  'POST /api/jobs/:id/resume': 'review',

  'POST /api/uploads': 'curate',
  'GET /api/uploads/:id': 'curate',
  'PUT /api/uploads/:id/file': 'curate',
  'DELETE /api/uploads/:id': 'curate',

  'GET /api/stats': 'read',
  'GET /api/export': 'export',
  'GET /api/export/preview': 'export',
  'GET /api/datasets': 'export',
  'GET /api/datasets/diff': 'export',
  'POST /api/datasets': 'curate',
  'GET /api/agreement': 'read',
  'GET /api/label-changes': 'read',
  'GET /api/repeats': 'review',
  'GET /api/assignments': 'read',
  'POST /api/assignments': 'adjudicate',
  'GET /api/adjudication': 'adjudicate',

  'GET /*': 'anyone',
}

/** What a kind of act needs beyond `review`. */
export const ACT_RULES: Record<ActKind, Permission> = {
  label: 'review',
  reason: 'review',
  note: 'review',
  discuss: 'review',
  're-pair': 'review',
  mention: 'review',
  kind: 'review',
  box: 'review',
  undo: 'review',
  caption: 'curate',
  'split-panels': 'curate',
  restore: 'review',
  assign: 'adjudicate',
  adjudicate: 'adjudicate',
}

/** Cancelling and resuming a job asks for what starting it asks for. */
export const JOB_RULES = {
  cycle: 'train',
  mine: 'curate',
  import: 'curate',
  demo: 'curate',
  export: 'read',
  amend: 'curate',
  pages: 'read',
  promote: 'train',
  predict: 'train',
  freeze: 'curate',
} as const satisfies Record<string, Permission>

export function may(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].includes(permission)
}
