import { A, useSearchParams } from '@solidjs/router'
import {
  createEffect,
  createResource,
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
import type { Job } from '../../../data/records/job.ts'
import { LESIONS, type Lesion } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { getDoubles } from '../api/doubles-api.ts'
import { tell } from '../shell/notices.tsx'
import { preferences } from '../shell/preferences.ts'
import { setWhereabouts } from '../shell/whereabouts.ts'
import { bindKeys, keepFocusOnClick } from './bind-keys.ts'
import { createCaptionDesk } from './caption-desk.ts'
import { CaseColumn } from './case-column.tsx'
import { causeFor } from './causes.ts'
import { EmptyDesk } from './empty-desk.tsx'
import { createHeatDesk, HeatControls, HeatLayer } from './heat-map.tsx'
import { keyHandlers, type OpenDialog } from './key-handlers.ts'
import { QueueList } from './queue-list.tsx'
import { QueueTabs, queueNamed } from './queue-tabs.tsx'
import { ReviewDialogs } from './review-dialogs.tsx'
import { createReview } from './review-state.ts'
import { SiblingStrip } from './sibling-strip.tsx'
import { PLAIN_TONE } from './view-transform.ts'
import { createLook, type Look, Viewport, type ViewportControls } from './viewport.tsx'

/** One case at a time: the picture, what was said of it, what the model thinks, and a key for every decision. */
export function ReviewPage(): JSX.Element {
  const review = createReview()
  const caption = createCaptionDesk(review.reply, review.act)
  const [dialog, setDialog] = createSignal<OpenDialog | null>(null)
  const [figureShown, setFigureShown] = createSignal(false)
  const [comparing, setComparing] = createSignal<-1 | 0 | 1>(0)
  const [drawing, setDrawing] = createSignal<Lesion | null>(null)
  const look = createLook()
  const heat = createHeatDesk(() => {
    const now = review.reply()
    return now && { id: now.case.id, hidden: now.hidden.model }
  })
  const [params, setParams] = useSearchParams()
  let viewport: ViewportControls | undefined

  /** In a queue of its own a case shows why it is in that one. */
  const withReason = (reply: CaseReply): CaseReply => {
    const row = review.query().queue ? review.row(review.index()) : undefined
    return row?.queue && row.id === reply.case.id ? { ...reply, queue: row.queue } : reply
  }

  const filtered = () => Object.keys(review.query()).length > 0

  /** The panel before or after this one in its figure, to be shown beside it: resolution needs both. */
  const compared = (step: -1 | 1) => {
    const now = review.reply()
    const at = now?.siblings.findIndex(each => each.id === now.case.id) ?? -1
    return comparing() === step && at >= 0 ? now?.siblings[at + step] : undefined
  }

  function drawBox(): void {
    setDrawing(drawing() ? null : review.drafts.lesionInHand())
  }

  function compare(step: -1 | 1): void {
    setComparing(on => (on === step ? 0 : step))
    if (comparing() === step && !compared(step))
      tell(
        step < 0
          ? 'This is the first panel of its figure; nothing is before it.'
          : 'This is the last panel of its figure; nothing is after it.',
      )
  }

  /** Asked for beside the case, so that it doesn't wait for them. */
  const [doubles, { refetch: lookAgain }] = createResource(
    () => {
      const now = review.reply()
      // A blind case tells its doubles once it is decided: what is hidden is part of the question.
      return now && `${Number(now.blind)} ${now.case.id}`
    },
    async key => ({ id: key.slice(2), rows: (await getDoubles(key.slice(2))).rows }),
  )
  const doubleRows = () => {
    if (doubles.error) return []
    const found = doubles.latest
    return found && found.id === review.reply()?.case.id ? found.rows : []
  }

  function showDoubles(): void {
    if (doubleRows().length > 0) setDialog('doubles')
    else if (review.reply()?.blind) tell('Doubles are shown after your decision: this case is read blind.')
    else tell('No other case shows this slice.')
  }

  function showPage(): void {
    const now = review.reply()?.case
    if (review.reply()?.hidden.text) tell('The page is shown after your decision: this case is read blind.')
    else if (!now?.document || !review.reply()?.document) tell('This case came without its document.')
    else setDialog('page')
  }

  function showFigure(): void {
    if (review.reply()?.case.figureImage) setFigureShown(shown => !shown)
    else tell('This figure has no other picture than this one.')
  }

  /** Keys that something in hand takes before the desk's own: a cause, a panel's letter, a digit on selected words. */
  function first(event: KeyboardEvent): boolean {
    const head = review.drafts.asking()
    if (
      head &&
      !event.ctrlKey &&
      !event.metaKey &&
      !['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)
    ) {
      const cause = event.shiftKey ? null : causeFor(event.key, head)
      if (cause) {
        review.drafts.giveCause(head, cause)
        return true
      }
      review.drafts.stopAsking()
      if (event.key === 'Escape') return true
    }
    if (heat.takesKey(event)) return true
    if (drawing()) {
      const nth = /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1]
      if (nth && !event.shiftKey) setDrawing(LESIONS[Number(nth) - 1] ?? null)
      else if (event.key === 'Escape') setDrawing(null)
      else return caption.takesKey(event)
      return true
    }
    return caption.takesKey(event)
  }

  onMount(() => {
    const first = typeof params['case'] === 'string' ? params['case'] : undefined
    const queue = queueNamed(params['queue'])
    void (queue ? review.filter({ queue }, first) : review.open(first))
  })
  onMount(() => {
    const stream = new EventSource('/api/events')
    stream.addEventListener('workspace', () =>
      tell('There are new cases, or a new queue.', {
        action: { words: 'Load the list', run: () => void review.open() },
        stays: true,
      }),
    )
    // New words mined, panels cut: this case may be another now.
    stream.addEventListener('job', event => {
      const { job } = JSON.parse((event as MessageEvent<string>).data) as { job: Job }
      const id = review.reply()?.case.id
      if (job.kind === 'amend' && job.state === 'done' && id) void review.refresh(id)
    })
    onCleanup(() => stream.close())
    onCleanup(keepFocusOnClick())
  })
  createEffect(() => {
    const stop = bindKeys(
      keyHandlers({
        review,
        caption,
        viewport: () => viewport,
        setDialog,
        showFigure,
        showPage,
        showDoubles,
        compare,
        drawBox,
        heat,
      }),
      { own: { ...preferences.keys }, singleKeys: preferences.singleKeys, first },
    )
    onCleanup(stop)
  })
  createEffect(
    on(
      () => review.reply()?.case.id,
      id => {
        setFigureShown(false)
        look.setView(null)
        setDrawing(null)
        caption.leave()
        if (id) setParams({ case: id }, { replace: true, scroll: false })
      },
    ),
  )
  createEffect(
    on(
      () => `${review.reply()?.case.document}#${review.reply()?.case.figure}`,
      () => look.setTone(PLAIN_TONE),
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
          <section class="sorry">
            <h2>Every case in this list is decided</h2>
            <p>
              Start a cycle: it learns from your decisions and brings up what the model is least sure of now.
            </p>
            <p class="actions">
              <A class="button primary" href="/cycles">
                Start a cycle
              </A>
              <button type="button" onClick={() => void review.undo()}>
                Undo the last decision
              </button>
            </p>
          </section>
        </Match>
        <Match when={review.reply()}>
          {reply => (
            <>
              <section class="picture" aria-label="Picture">
                <div class="viewports">
                  <Show when={compared(-1)}>
                    {before => <Compared panel={before()} look={look} words="before" />}
                  </Show>
                  <Viewport
                    file={
                      (figureShown() ? reply().case.figureImage?.file : undefined) ?? reply().case.imageFile
                    }
                    size={reply().case}
                    look={look}
                    hounsfield={figureShown() ? undefined : reply().case.hounsfield}
                    boxes={review.drafts.draft()?.boxes ?? []}
                    drawing={drawing()}
                    onBox={box => {
                      setDrawing(null)
                      review.drafts.addBox(box)
                    }}
                    overlay={
                      <Show when={!figureShown() && heat.png()}>
                        {png => <HeatLayer png={png()} opacity={heat.opacity()} />}
                      </Show>
                    }
                    words={`CT slice of case ${reply().case.id}`}
                    controls={controls => {
                      viewport = controls
                    }}
                  >
                    <HeatControls heat={heat} />
                    <Show when={compared(-1) ?? compared(1)}>
                      <p class="viewport-name">{reply().case.panel ?? 'now'}</p>
                    </Show>
                  </Viewport>
                  <Show when={compared(1)}>
                    {after => <Compared panel={after()} look={look} words="after" />}
                  </Show>
                </div>
                <SiblingStrip
                  reply={reply()}
                  figureShown={figureShown()}
                  onShow={id => void review.show(id)}
                  onFigure={showFigure}
                  onPage={showPage}
                  doubles={doubleRows()}
                  onDoubles={showDoubles}
                />
              </section>
              <CaseColumn
                review={review}
                reply={withReason(reply())}
                caption={caption}
                drawing={drawing()}
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
          doubles={doubleRows()}
          onDoublesChanged={() => void lookAgain()}
          dialog={dialog()}
          onClose={() => setDialog(null)}
        />
      </Suspense>
    </div>
  )
}

/** A sibling beside the case looked at, at the same place and in the same tone. */
function Compared(props: {
  panel: CaseReply['siblings'][number]
  look: Look
  words: 'before' | 'after'
}): JSX.Element {
  return (
    <Viewport
      file={props.panel.imageFile}
      hounsfield={props.panel.hounsfield}
      size={props.panel}
      look={props.look}
      words={`the panel ${props.words}: ${props.panel.panel ?? 'without a letter'}`}
    >
      <p class="viewport-name">{props.panel.panel ?? props.words}</p>
    </Viewport>
  )
}
