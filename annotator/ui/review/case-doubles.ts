import { createResource } from 'solid-js'
import { getDoubles } from '../api/doubles-api.ts'
import type { Review } from './review-state.ts'

/** Cases that show the same slice as the one in sight. Asked for beside the case, so that it doesn't wait for them. */
export function createCaseDoubles(review: Review) {
  const [doubles, { refetch }] = createResource(
    () => {
      const now = review.reply()
      // A blind case tells its doubles once it is decided: what is hidden is part of the question.
      return now && `${Number(now.blind)} ${now.case.id}`
    },
    async key => ({ id: key.slice(2), rows: (await getDoubles(key.slice(2))).rows }),
  )
  return {
    rows() {
      if (doubles.error) return []
      const found = doubles.latest
      return found && found.id === review.reply()?.case.id ? found.rows : []
    },
    lookAgain: () => void refetch(),
  }
}
