import { z } from 'zod'

/** Query values come as text: a whole number from 0 ("50"). */
export const count = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number from 0 is expected')
  .transform(Number)

/** "true" or "false". */
export const yesNo = z.enum(['true', 'false']).transform(value => value === 'true')

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Without the fields that are undefined: for types where a field is absent or has a value. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}
