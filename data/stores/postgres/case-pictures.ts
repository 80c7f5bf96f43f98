import type { CasePictures } from '../store.ts'
import { plain } from './case-rows.ts'
import type { Ask } from './connection.ts'

/** Cases by what they show, from the index of pictures. */
export function casePictures(ask: Ask, workspace: number): CasePictures {
  return {
    async casesOf(images) {
      const rows = await ask<{ image: string; id: string }>(
        `select c.image, c.id from lesionloop.cases c
         where c.workspace = $1 and c.image = any($2) and not c.retired order by c.sort_key, c.figure, c.place, c.id`,
        [workspace, images.map(plain)],
      )
      const found = new Map<string, string[]>()
      for (const { image, id } of rows) {
        const own = found.get(image)
        if (own) own.push(id)
        else found.set(image, [id])
      }
      return found
    },
    async shared() {
      const rows = await ask<{ image: string }>(
        `select image from lesionloop.cases where workspace = $1 and not retired
         group by image having count(*) > 1`,
        [workspace],
      )
      return rows.map(({ image }) => image)
    },
  }
}
