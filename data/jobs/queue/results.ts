import type { Books } from './books.ts'
import type { Piece } from './work.ts'

const TOGETHER = 500

/** Results of the stage before a piece's own, in the order in which its pieces were put in. */
export async function* resultsBefore<T>(
  { database, workspace }: Books,
  { job, id }: Pick<Piece, 'job' | 'id'>,
): AsyncGenerator<{ name: string; result: T | null }> {
  for (let from = 0; ; ) {
    const rows = await database.ask<{ id: number; name: string; state: string; result: T | null }>(
      `select id, name, state, result from lesionloop.pieces
       where workspace = $1 and job = $2 and id > $3
       and stage = (select stage - 1 from lesionloop.pieces where id = $4)
       order by id limit ${TOGETHER}`,
      [workspace, job, from, id],
    )
    for (const { name, result } of rows) yield { name, result }
    if (rows.length < TOGETHER) return
    from = rows.at(-1)!.id
  }
}
