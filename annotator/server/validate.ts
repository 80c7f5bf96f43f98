import type { MiddlewareHandler, ValidationTargets } from 'hono'
import { validator } from 'hono/validator'
import type { z } from 'zod'
import { LesionloopError } from '../../data/errors.ts'
import type { Env } from './context.ts'

/** What the client sends and what the handler gets: the schema's input and output. */
interface Validated<Target extends string, Schema extends z.ZodType> {
  in: { [K in Target]: z.input<Schema> }
  out: { [K in Target]: z.output<Schema> }
}

/**
 * hono's validator wrapped around a zod schema, once; the typed client knows both sides of the schema.
 * @throws LesionloopError `request-invalid` naming the first field that is wrong.
 */
export function valid<Target extends keyof ValidationTargets, Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
): MiddlewareHandler<Env, string, Validated<Target, Schema>, never> {
  const check: unknown = validator(target, value => parse(target, schema, value))
  return check as MiddlewareHandler<Env, string, Validated<Target, Schema>, never>
}

function parse<Schema extends z.ZodType>(target: string, schema: Schema, value: unknown): z.output<Schema> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const issue = read.error.issues[0]
  const field = issue?.path.join('.')
  throw new LesionloopError(
    'request-invalid',
    `request: ${field ? `${target} field ${field}` : target}: ${issue?.message ?? 'not understood'}`,
    {
      issues: read.error.issues
        .slice(0, 10)
        .map(each => ({ path: each.path.join('.'), message: each.message })),
    },
  )
}
