import { type Draft, type DraftShelf, memoryShelf } from './drafts.ts'

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Drafts in IndexedDB; falls back to memory where there is none. */
export async function browserShelf(name = 'lesionloop'): Promise<{ shelf: DraftShelf; lasting: boolean }> {
  try {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore('drafts', { keyPath: 'op' })
    const database = await settled(request)
    const drafts = (mode: IDBTransactionMode) => database.transaction('drafts', mode).objectStore('drafts')
    const shelf: DraftShelf = {
      all: async () => ((await settled(drafts('readonly').getAll())) as Draft[]).sort((a, b) => a.n - b.n),
      put: async draft => void (await settled(drafts('readwrite').put(draft))),
      remove: async op => void (await settled(drafts('readwrite').delete(op))),
    }
    return { shelf, lasting: true }
  } catch {
    return { shelf: memoryShelf(), lasting: false }
  }
}
