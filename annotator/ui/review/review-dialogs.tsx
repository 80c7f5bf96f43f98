import { type JSX, lazy, Match, Show, Switch } from 'solid-js'
import type { DoubleRow } from '../../server/routes/doubles.ts'
import { heldCases, outboxNow, putOff, setPutOff } from '../saving/saving.ts'
import { may, nameOf } from '../shell/session.ts'
import type { CaptionDesk } from './caption-desk.ts'
import { DiscussDialog, NotAssessableDialog, NoteDialog } from './case-dialogs.tsx'
import { ConflictDialog } from './conflict-dialog.tsx'
import { Guideline } from './guideline.tsx'
import { HistoryDialog } from './history-dialog.tsx'
import type { OpenDialog } from './key-handlers.ts'
import { ListFilter } from './list-filter.tsx'
import type { Review } from './review-state.ts'

const DoublesDialog = lazy(() => import('./doubles-dialog.tsx'))
const PageDialog = lazy(() => import('./page-dialog.tsx'))
const CaptionEditor = lazy(() => import('./caption-editor.tsx'))

/** The windows of the review page; a conflict opens its own until it is settled or put off. */
export function ReviewDialogs(props: {
  review: Review
  caption: CaptionDesk
  doubles: readonly DoubleRow[]
  onDoublesChanged: () => void
  dialog: OpenDialog | null
  onClose: () => void
}): JSX.Element {
  const held = () => heldCases().find(each => each.case !== putOff())
  return (
    <>
      <Show when={held()} keyed>
        {each => (
          <ConflictDialog
            held={each}
            onLater={() => setPutOff(each.case)}
            onChoose={choice => {
              outboxNow().settle(each.case, choice)
              void props.review.refresh(each.case)
            }}
          />
        )}
      </Show>
      <Switch>
        <Match when={props.dialog === 'note'}>
          <NoteDialog onClose={props.onClose} onSave={text => props.review.act({ kind: 'note', text })} />
        </Match>
        <Match when={props.dialog === 'discuss'}>
          <DiscussDialog
            onClose={props.onClose}
            onSave={(text, person) =>
              props.review.act({ kind: 'discuss', text, ...(person ? { with: person } : {}) })
            }
          />
        </Match>
        <Match when={props.dialog === 'not-assessable'}>
          <NotAssessableDialog onClose={props.onClose} onSave={reason => props.review.accept(reason)} />
        </Match>
        <Match when={props.dialog === 'history' && props.review.reply()}>
          {reply => (
            <HistoryDialog
              id={reply().case.id}
              name={nameOf}
              onClose={props.onClose}
              mayForEveryone={may('adjudicate')}
              onRestore={(seq, everyone) => props.review.restore(seq, everyone)}
            />
          )}
        </Match>
        <Match when={props.dialog === 'page' && props.review.reply()}>
          {reply => <PageDialog shown={reply().case} onClose={props.onClose} />}
        </Match>
        <Match when={props.dialog === 'doubles' && props.review.reply()}>
          {reply => (
            <DoublesDialog
              shown={reply().case}
              rows={props.doubles}
              onShow={id => void props.review.show(id)}
              onChanged={props.onDoublesChanged}
              onClose={props.onClose}
            />
          )}
        </Match>
        <Match when={props.dialog === 'caption' && props.review.reply()}>
          {reply => (
            <CaptionEditor
              figure={reply().case.figure ?? 'this case'}
              caption={reply().case.caption}
              minedCaption={reply().case.minedCaption ?? null}
              onClose={props.onClose}
              onSave={text => props.review.act({ kind: 'caption', text })}
            />
          )}
        </Match>
        <Match when={props.dialog === 'filter'}>
          <ListFilter
            query={props.review.query()}
            onClose={props.onClose}
            onApply={query => void props.review.filter(query)}
          />
        </Match>
        <Match when={props.dialog === 'guideline'}>
          <Guideline
            lesion={
              props.review.reply()?.case.mentions[props.caption.focused()]?.lesion ??
              props.review.drafts.lesionInHand()
            }
            besides={props.review.reply()?.case.id}
            onClose={props.onClose}
          />
        </Match>
      </Switch>
    </>
  )
}
