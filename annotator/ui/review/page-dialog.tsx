import { A } from '@solidjs/router'
import { createResource, type JSX, Show } from 'solid-js'
import type { CaseState } from '../../../data/records/case.ts'
import type { DocumentReply } from '../../server/replies.ts'
import { getDocument } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { drawnOnDemand } from '../pages/page-drawing.ts'
import { type PageMark, PagePicture } from '../pages/page-picture.tsx'
import { Dialog } from '../shell/dialog.tsx'
import '../styles/document.css'

/** The page of the document that a case stands on, with its figure, its panel and their caption marked. */
export default function PageDialog(props: { shown: CaseState; onClose: () => void }): JSX.Element {
  const [reply, { refetch }] = createResource(() => props.shown.document, getDocument)
  const known = () => (reply.error ? undefined : reply.latest)
  const undrawn = drawnOnDemand(known, () => void refetch())
  const page = () => props.shown.page ?? 1
  const sheet = () => known()?.pages.find(each => each.page === page())
  return (
    <Dialog title={`${props.shown.figure ?? 'Document'}, page ${page()}`} wide onClose={props.onClose}>
      <Show when={!reply.error} fallback={<p class="failure">{wordsOf(reply.error)}</p>}>
        <Show when={known()} fallback={<p class="quiet">loading…</p>}>
          {now => (
            <>
              <p class="actions">
                <A
                  class="button"
                  href={`/document?id=${encodeURIComponent(now().document.id)}&page=${page()}`}
                >
                  All of the document
                </A>
                <Show when={now().source}>
                  {source => (
                    <a class="button" href={`${source()}#page=${page()}`} target="_blank" rel="noreferrer">
                      Source file
                    </a>
                  )}
                </Show>
              </p>
              <PagePicture
                page={page()}
                address={sheet()?.address ?? null}
                marks={marksOf(now(), props.shown)}
                failure={sheet() ? undrawn() : 'This page has no picture.'}
              />
            </>
          )}
        </Show>
      </Show>
    </Dialog>
  )
}

function marksOf({ document, figures }: DocumentReply, shown: CaseState): PageMark[] {
  const figure = document.figures.find(each => each.label === shown.figure)
  if (!figure) return []
  const box = figures
    .find(each => each.label === shown.figure)
    ?.panels.find(panel => panel.case === shown.id)?.box
  const [only, ...others] = figure.images
  const [x0, y0, x1, y1] = only && others.length === 0 ? only.region : figure.region
  const here = box
    ? ([
        x0 + box[0] * (x1 - x0),
        y0 + box[1] * (y1 - y0),
        x0 + box[2] * (x1 - x0),
        y0 + box[3] * (y1 - y0),
      ] as const)
    : null
  return [
    ...(figure.page === shown.page
      ? [{ region: figure.region, kind: 'figure' as const, words: figure.label }]
      : []),
    ...(figure.captionPage === shown.page
      ? [{ region: figure.captionRegion, kind: 'caption' as const, words: 'its caption' }]
      : []),
    ...(here && figure.page === shown.page
      ? [{ region: [...here] as PageMark['region'], kind: 'here' as const, words: 'this panel' }]
      : []),
  ]
}
