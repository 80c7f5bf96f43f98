import { A, useSearchParams } from '@solidjs/router'
import {
  createEffect,
  createSignal,
  type JSX,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Suspense,
  Switch,
} from 'solid-js'
import type { CaseReply } from '../../server/replies.ts'
import { tell } from '../shell/notices.tsx'
import { preferences } from '../shell/preferences.ts'
import { setWhereabouts } from '../shell/whereabouts.ts'
import { bindKeys, keepFocusOnClick } from './bind-keys.ts'
import { createCaptionDesk } from './caption-desk.ts'
import { CaseColumn } from './case-column.tsx'
import { createCaseDoubles } from './case-doubles.ts'
import { EmptyDesk } from './empty-desk.tsx'
import { followWorkspace } from './follow-workspace.ts'
import { keyHandlers, type OpenDialog } from './key-handlers.ts'
import { keysInHand } from './keys-in-hand.ts'
import { createPictureDesk } from './picture-desk.ts'
import { PictureSection } from './picture-section.tsx'
import { QueueList } from './queue-list.tsx'
import { QueueTabs, queueNamed } from './queue-tabs.tsx'
import { ReviewDialogs } from './review-dialogs.tsx'
import { createReview, type Review } from './review-state.ts'

/** One case at a time: the picture, what was said of it, what the model thinks, and a key for every decision. */
export function ReviewPage(): JSX.Element {
  const review = createReview()
  const caption = createCaptionDesk(review.reply, review.act)
  const picture = createPictureDesk(review)
  const doubles = createCaseDoubles(review)
  const [dialog, setDialog] = createSignal<OpenDialog | null>(null)
  const [params, setParams] = useSearchParams()

  /** In a queue of its own a case shows why it is in that one. */
  const withReason = (reply: CaseReply): CaseReply => {
    const row = review.query().queue ? review.row(review.index()) : undefined
    return row?.queue && row.id === reply.case.id ? { ...reply, queue: row.queue } : reply
  }

  const filtered = () => Object.keys(review.query()).length > 0

  function showDoubles(): void {
    if (doubles.rows().length > 0) setDialog('doubles')
    else if (review.reply()?.blind) tell('Doubles are shown after your decision: this case is read blind.')
    else tell('No other case shows this slice.')
  }

  function showPage(): void {
    const now = review.reply()?.case
    if (review.reply()?.hidden.text) tell('The page is shown after your decision: this case is read blind.')
    else if (!now?.document || !review.reply()?.document) tell('This case came without its document.')
    else setDialog('page')
  }

  onMount(() => {
    const first = typeof params['case'] === 'string' ? params['case'] : undefined
    const queue = queueNamed(params['queue'])
    void (queue ? review.filter({ queue }, first) : review.open(first))
  })
  onMount(() => {
    onCleanup(followWorkspace(review))
    onCleanup(keepFocusOnClick())
  })
  createEffect(() => {
    const stop = bindKeys(keyHandlers({ review, caption, picture, setDialog, showPage, showDoubles }), {
      own: { ...preferences.keys },
      singleKeys: preferences.singleKeys,
      first: keysInHand(review, picture, caption),
    })
    onCleanup(stop)
  })
  createEffect(
    on(
      () => review.reply()?.case.id,
      id => {
        caption.leave()
        if (id) setParams({ case: id }, { replace: true, scroll: false })
      },
    ),
  )
  createEffect(() => {
    const cycle = review.cycle()
    const place =
      review.index() >= 0 ? `${review.index() + 1} of ${review.total()}` : `${review.total()} cases`
    setWhereabouts(
      review.ready() ? `Queue · ${cycle ? `cycle ${Number(cycle) || cycle} · ` : ''}${place}` : '',
    )
  })
  onCleanup(() => {
    setWhereabouts('')
    review.close()
  })

  return (
    <div class="review">
      <h1 class="hidden">Review</h1>
      <aside class="queue" aria-label="Queue">
        <div class="queue-head">
          <button type="button" class="small" aria-pressed={filtered()} onClick={() => setDialog('filter')}>
            {filtered() ? 'Filtered' : 'Filter'} <kbd>/</kbd>
          </button>
          <span class="quiet">{review.total()}</span>
        </div>
        <QueueTabs
          queue={review.query().queue}
          onPick={queue => {
            setParams({ queue }, { replace: true, scroll: false })
            void review.filter(queue ? { queue } : {})
          }}
        />
        <QueueList review={review} />
      </aside>
      <Switch fallback={<p class="loading quiet">loading the next case…</p>}>
        <Match when={review.failure()}>
          <section class="sorry" role="alert">
            <h2>This case could not be shown</h2>
            <p>{review.failure()}</p>
            <button type="button" class="primary" onClick={() => void review.retry()}>
              Try again
            </button>
          </section>
        </Match>
        <Match when={review.ready() && review.total() === 0}>
          <EmptyDesk filtered={filtered()} onClear={() => void review.filter({})} />
        </Match>
        <Match when={review.finished()}>
          <Show when={review.isWithOthers()} fallback={<AllDecided review={review} />}>
            <LeftToOthers review={review} />
          </Show>
        </Match>
        <Match when={review.reply()}>
          {reply => (
            <>
              <PictureSection
                review={review}
                reply={reply()}
                picture={picture}
                doubles={doubles.rows()}
                onPage={showPage}
                onDoubles={showDoubles}
              />
              <CaseColumn
                review={review}
                reply={withReason(reply())}
                caption={caption}
                drawing={picture.drawing()}
                open={setDialog}
              />
            </>
          )}
        </Match>
      </Switch>
      {/* A window that is still loading must not take the page with it, nor the list its place. */}
      <Suspense>
        <ReviewDialogs
          review={review}
          caption={caption}
          doubles={doubles.rows()}
          onDoublesChanged={doubles.lookAgain}
          dialog={dialog()}
          onClose={() => setDialog(null)}
        />
      </Suspense>
    </div>
  )
}

/** Cases wait, and somebody else has each of them. */
function LeftToOthers(props: { review: Review }): JSX.Element {
  return (
    <section class="sorry">
      <h2>The rest of this queue is with other people</h2>
      <p>
        Each case is lent to one person at a time. What they leave undecided is free again after ten minutes.
      </p>
      <p class="actions">
        <button type="button" class="primary" onClick={() => void props.review.goOn()}>
          Look again
        </button>
        <button type="button" onClick={() => void props.review.undo()}>
          Undo the last decision
        </button>
      </p>
    </section>
  )
}

function AllDecided(props: { review: Review }): JSX.Element {
  return (
    <section class="sorry">
      <h2>Every case in this list is decided</h2>
      <p>Start a cycle: it learns from your decisions and brings up what the model is least sure of now.</p>
      <p class="actions">
        <A class="button primary" href="/cycles">
          Start a cycle
        </A>
        <button type="button" onClick={() => void props.review.undo()}>
          Undo the last decision
        </button>
      </p>
    </section>
  )
}
