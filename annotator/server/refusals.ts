import type { Context } from 'hono'
import { html } from 'hono/html'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import type { Env } from './context.ts'
import type { ErrorReply } from './replies.ts'
import { routeOf } from './watch/observe.ts'

/** HTTP status of each code; a code that is not here and is one of ours is 422, anything else is 500. */
const STATUS: Record<string, ContentfulStatusCode> = {
  'files-absent': 404,
  'files-changed': 409,
  'files-damaged': 502,
  'files-lost': 503,
  'files-no-bucket': 503,
  'files-refused': 503,
  'request-invalid': 400,
  'act-invalid': 400,
  'host-refused': 421,
  'origin-refused': 403,
  'login-needed': 401,
  'link-invalid': 401,
  'password-wrong': 401,
  'password-weak': 400,
  'not-allowed': 403,
  'act-conflict': 409,
  'assignment-invalid': 400,
  'account-exists': 409,
  'lock-held': 409,
  'double-unknown': 409,
  'dataset-exists': 409,
  'job-running': 409,
  'gift-known': 409,
  'gift-wording': 409,
  'job-done': 409,
  'nothing-to-undo': 409,
  'nothing-to-redo': 409,
  'upload-too-large': 413,
  'upload-too-many': 413,
  'upload-type': 415,
  'image-type': 415,
  'too-many-tries': 429,
  'not-built': 503,
  'live-busy': 503,
  'live-ended': 503,
  'live-slow': 504,
  'no-cycle': 404,
  'maps-absent': 404,
  'maps-hidden': 403,
  'text-hidden': 403,
  ENOSPC: 507,
  EDQUOT: 507,
}
const STATUS_OF_CAUSE: Record<string, ContentfulStatusCode> = { ENOSPC: 507, EDQUOT: 507 }

export function statusOf(error: unknown): ContentfulStatusCode {
  const code = codeOf(error)
  // A save that failed for want of room is told as that, not as a journal that could not be written.
  const known = STATUS[code] ?? STATUS_OF_CAUSE[codeOf((error as Error | undefined)?.cause)]
  if (known) return known
  if (/-unknown$|-missing$|^not-found$/.test(code)) return 404
  return error instanceof LesionloopError ? 422 : 500
}

/**
 * Turns whatever was thrown into `{error: {code, message}}`, or into a page where a person opened an address. What is not
 * ours is logged with the request's id and told without its inside.
 */
export function refuse(error: unknown, c: Context<Env>): Response | Promise<Response> {
  const status = error instanceof HTTPException ? error.status : statusOf(error)
  if (error instanceof HTTPException) return reply('request-invalid', `request: ${error.message}`)
  if (status === 507) {
    return reply('disk-full', 'disk: full: nothing was saved; free some space and try again')
  }
  if (error instanceof LesionloopError) {
    if (error.code === 'too-many-tries') c.header('Retry-After', String(error.details['retryAfter'] ?? 60))
    const { state: _state, acts: _acts, ...details } = error.details
    return reply(error.code, error.message, details)
  }
  const requestId = c.get('requestId')
  const err = error instanceof Error ? error : new Error(messageOf(error))
  c.var.desk.log.error({ requestId, method: c.req.method, route: routeOf(c), err }, 'unexpected error')
  return reply(
    'unexpected',
    `server: unexpected error: nothing was changed by this request as far as is known; the server's log has the details under ${requestId}`,
  )

  function reply(
    code: string,
    message: string,
    details: Record<string, unknown> = {},
  ): Response | Promise<Response> {
    if (isOpenedByPerson(c)) return c.html(pageOf(message), status)
    const body: ErrorReply = {
      error: Object.keys(details).length > 0 ? { code, message, details } : { code, message },
    }
    return c.json(body, status)
  }
}

/** Browsers ask for HTML where an address is opened, and never where a page of ours asks the interface. */
function isOpenedByPerson(c: Context<Env>): boolean {
  return c.req.method === 'GET' && /\btext\/html\b/.test(c.req.header('accept') ?? '')
}

/** A refusal for a person to read; nothing in it runs, and none of it is taken for markup. */
const pageOf = (message: string) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>lesionloop: this can't be shown</title>
</head>
<body>
<h1>This can't be shown</h1>
<p>${message}</p>
<p><a href="/">To the desk</a></p>
</body>
</html>
`
