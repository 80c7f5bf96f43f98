import { A, useSearchParams } from '@solidjs/router'
import { createEffect, createResource, For, type JSX, on, Show } from 'solid-js'
import type { DocumentReply, FigureState } from '../../server/replies.ts'
import { getDocument } from '../api/desk-api.ts'
import { DocumentFigure, figureAnchor } from './document-figure.tsx'
import { liveJobs } from './live-jobs.ts'
import { drawnOnDemand } from './page-drawing.ts'
import { PageFrame } from './page-frame.tsx'
import { type PageMark, PagePicture } from './page-picture.tsx'
import '../styles/document.css'

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? ''

/** One document: its pages with what was found on them, and the figures with their captions and cases. */
export default function DocumentPage(): JSX.Element {
  const [params] = useSearchParams()
  const [reply, { refetch }] = createResource(() => first(params['id']), getDocument)
  const again = () => void refetch()
  // What is read again stays in sight meanwhile: nothing jumps under the hands.
  const now = () => reply.latest
  liveJobs(['amend', 'mine', 'import'], again)
  const undrawn = drawnOnDemand(now, again)
  let scrolled = ''
  createEffect(
    on(now, known => {
      const page = first(params['page'])
      if (!known || !page || scrolled === `${known.document.id} ${page}`) return
      scrolled = `${known.document.id} ${page}`
      document.querySelector(`[data-page="${CSS.escape(page)}"]`)?.scrollIntoView({ block: 'start' })
    }),
  )
  return (
    <PageFrame
      title={reply.error ? 'Document' : (now()?.document.title ?? now()?.document.file.name ?? 'Document')}
      failure={reply.error}
      onRetry={again}
      beside={
        <p class="actions">
          <A class="button" href="/documents">
            All documents
          </A>
          <Show when={!reply.error && now()?.source}>
            {source => (
              <a
                class="button"
                href={`${source()}#page=${first(params['page']) || 1}`}
                target="_blank"
                rel="noreferrer"
              >
                Source file
              </a>
            )}
          </Show>
        </p>
      }
    >
      <Show when={now()} fallback={<p class="quiet">loading…</p>}>
        {known => (
          <>
            <p class="quiet">{factsOf(known())}</p>
            <Show when={known().document.withdrawn}>
              {taken => (
                <p class="warning">
                  ⊘ {taken().kind}
                  {taken().date ? ` on ${taken().date}` : ''}: {taken().reason}. Its cases stay here, and are
                  left out of exports.
                </p>
              )}
            </Show>
            <Show when={known().document.supersededBy}>
              {later => (
                <p class="warning">
                  A newer version is here:{' '}
                  <A href={`/document?id=${encodeURIComponent(later())}`}>{later()}</A>. Labels went over to
                  it; these cases are out of the lists.
                </p>
              )}
            </Show>
            <Show when={known().document.skipped.length > 0}>
              <section class="card">
                <h2>Left out</h2>
                <ul>
                  <For each={known().document.skipped}>
                    {skipped => (
                      <li>
                        page {skipped.page}: {skipped.reason}
                      </li>
                    )}
                  </For>
                </ul>
              </section>
            </Show>
            <For each={pagesOf(known()).map(({ page }) => page)}>
              {page => {
                const part = () => pagesOf(known()).find(each => each.page === page)
                return (
                  <div class="page-row" data-page={page}>
                    <Show when={page !== null && known().pages.find(each => each.page === page)}>
                      {sheet => (
                        <PagePicture
                          page={sheet().page}
                          address={sheet().address}
                          marks={marksOn(known(), sheet().page)}
                          failure={undrawn()}
                        />
                      )}
                    </Show>
                    <div class="page-figures">
                      <For each={part()?.figures.map(({ label }) => label)}>
                        {label => (
                          <Show when={part()?.figures.find(each => each.label === label)}>
                            {figure => (
                              <DocumentFigure
                                document={known().document.id}
                                figure={figure()}
                                page={page}
                                again={again}
                              />
                            )}
                          </Show>
                        )}
                      </For>
                    </div>
                  </div>
                )
              }}
            </For>
          </>
        )}
      </Show>
    </PageFrame>
  )
}

function factsOf({ document, figures, cases }: DocumentReply): string {
  return [
    document.doi ?? document.id,
    document.date,
    document.licence,
    `${document.pages} pages`,
    `${figures.length} figures`,
    `${cases.length} cases`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** The figures by the page they stand on; those of tables have none. */
function pagesOf({ document, figures }: DocumentReply): { page: number | null; figures: FigureState[] }[] {
  const pages = new Map<number | null, FigureState[]>()
  for (const figure of figures) {
    const page = document.figures.find(each => each.label === figure.label)?.page ?? null
    pages.set(page, [...(pages.get(page) ?? []), figure])
  }
  return [...pages].map(([page, own]) => ({ page, figures: own }))
}

function goTo(label: string): void {
  const card = document.getElementById(figureAnchor(label))
  card?.scrollIntoView({ block: 'nearest' })
  card?.focus({ preventScroll: true })
}

/** What was found on a page: figures, their panels and captions. */
function marksOn({ document: record }: DocumentReply, page: number): PageMark[] {
  return record.figures.flatMap((figure): PageMark[] => [
    ...figure.panels
      .filter(panel => panel.page === page)
      .map(({ region, label }): PageMark => ({ region, kind: 'panel', words: `panel ${label ?? ''}` })),
    ...(figure.captionPage === page
      ? [{ region: figure.captionRegion, kind: 'caption' as const, words: `caption of ${figure.label}` }]
      : []),
    ...(figure.page === page && figure.images.length > 0
      ? [
          {
            region: figure.region,
            kind: 'figure' as const,
            words: `${figure.label}: to its panels and caption`,
            go: () => goTo(figure.label),
          },
        ]
      : []),
  ])
}
