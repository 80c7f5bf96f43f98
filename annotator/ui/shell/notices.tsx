import { createSignal, For, type JSX } from 'solid-js'

interface Notice {
  id: number
  words: string
  bad: boolean
  action?: { words: string; run: () => void }
}

const [notices, setNotices] = createSignal<readonly Notice[]>([])
let next = 1

/** Says something at the foot of the page for a while; errors, and what asks for an answer, stay until they are closed. */
export function tell(
  words: string,
  options: { bad?: boolean; stays?: boolean; action?: Notice['action'] } = {},
): void {
  const notice: Notice = {
    id: next++,
    words,
    bad: options.bad ?? false,
    ...(options.action ? { action: options.action } : {}),
  }
  setNotices(list => [...list.filter(each => each.words !== words).slice(-2), notice])
  if (!notice.bad && !options.stays) setTimeout(() => close(notice.id), 4000)
}

function close(id: number): void {
  setNotices(list => list.filter(each => each.id !== id))
}

export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status" aria-live="polite">
      <For each={notices()}>
        {notice => (
          <div class="notice" classList={{ bad: notice.bad }}>
            <span>{notice.words}</span>
            {notice.action && (
              <button
                type="button"
                onClick={() => {
                  notice.action?.run()
                  close(notice.id)
                }}
              >
                {notice.action.words}
              </button>
            )}
            <button
              type="button"
              class="plain"
              aria-label="Close this message"
              onClick={() => close(notice.id)}
            >
              ✕
            </button>
          </div>
        )}
      </For>
    </div>
  )
}
