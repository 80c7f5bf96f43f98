import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { LesionloopError } from '../../data/errors.ts'
import type { Desk, Env } from './context.ts'
import { checkHost, checkOrigin, checkRule, findPerson } from './guard.ts'
import { pageRoutes } from './page.ts'
import { refuse } from './refusals.ts'
import { acts } from './routes/acts.ts'
import { adjudication } from './routes/adjudication.ts'
import { agreement } from './routes/agreement.ts'
import { assignments } from './routes/assignments.ts'
import { cases } from './routes/cases.ts'
import { comparison } from './routes/comparison.ts'
import { cycleFiles, cycles } from './routes/cycles.ts'
import { datasets } from './routes/datasets.ts'
import { diagnose } from './routes/diagnose.ts'
import { documents } from './routes/documents.ts'
import { doubles } from './routes/doubles.ts'
import { exports } from './routes/exports.ts'
import { health } from './routes/health.ts'
import { heatMaps } from './routes/heat-maps.ts'
import { identity } from './routes/identity.ts'
import { images } from './routes/images.ts'
import { jobs } from './routes/jobs.ts'
import { labelAudit } from './routes/label-audit.ts'
import { queue } from './routes/queue.ts'
import { settings } from './routes/settings.ts'
import { stats } from './routes/stats.ts'
import { stopSignals } from './routes/stop-signals.ts'
import { uploads } from './routes/uploads.ts'
import { securityHeaders } from './security-headers.ts'
import { observe } from './watch/observe.ts'

/** The longest caption of an act is two million units; in UTF-8 and JSON that stays below this. */
const JSON_BYTES = 8 * 2 ** 20

const api = new Hono<Env>()
  .route('/', identity)
  .route('/', settings)
  .route('/', cases)
  .route('/', acts)
  .route('/', queue)
  .route('/', documents)
  .route('/', doubles)
  .route('/', cycles)
  .route('/', comparison)
  .route('/', labelAudit)
  .route('/', stopSignals)
  .route('/', jobs)
  .route('/', uploads)
  .route('/', stats)
  .route('/', exports)
  .route('/', datasets)
  .route('/', assignments)
  .route('/', agreement)
  .route('/', adjudication)
  .route('/', heatMaps)
  .route('/', diagnose)

/**
 * The annotator's server over an open workspace: every request passes the checks of host, origin, person and rule
 * before its handler. `page` is the folder of the built page.
 */
export function createApp(desk: Desk, options: { page: string }) {
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    c.set('desk', desk)
    c.set('requestId', randomUUID().slice(0, 8))
    await next()
  })
  app.use(observe, securityHeaders, checkHost, checkOrigin, findPerson, checkRule)
  const limit = bodyLimit({
    maxSize: JSON_BYTES,
    onError: () => {
      throw new LesionloopError(
        'upload-too-large',
        `request: body over ${JSON_BYTES / 2 ** 20} MB; send less at once`,
      )
    },
  })
  /** Routes that take files set limits of their own. */
  const takesFiles = (path: string) => path.startsWith('/api/uploads/') || path.startsWith('/api/diagnose')
  app.use('/api/*', (c, next) => (takesFiles(c.req.path) ? next() : limit(c, next)))
  app.onError((error, c) => refuse(error, c))
  return app
    .route('/', health)
    .route('/api', api)
    .route('/', images)
    .route('/', cycleFiles)
    .route('/', pageRoutes(options.page))
}

/** What the page's typed client is made from: `hc<AppType>('/')`. */
export type AppType = ReturnType<typeof createApp>
