import { A, useSearchParams } from '@solidjs/router'
import { createEffect, createResource, For, type JSX, on, Show } from 'solid-js'
import { getDocument } from '../api/desk-api.ts'
import { imageAddress } from '../review/images.ts'
import { PageFrame } from './page-frame.tsx'

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? ''

/** One document: its figures in order of pages, with captions and the cases they gave. */
export default function DocumentPage(): JSX.Element {
  const [params] = useSearchParams()
  const [reply, { refetch }] = createResource(() => first(params['id']), getDocument)
  createEffect(
    on(reply, () => {
      const page = first(params['page'])
      if (page)
        document.querySelector(`[data-page="${CSS.escape(page)}"]`)?.scrollIntoView({ block: 'start' })
    }),
  )
  return (
    <PageFrame
      title={
        reply.error ? 'Document' : (reply()?.document.title ?? reply()?.document.file.name ?? 'Document')
      }
      failure={reply.error}
      onRetry={() => void refetch()}
      beside={
        <p class="actions">
          <A class="button" href="/documents">
            All documents
          </A>
          <Show when={!reply.error && reply()?.source}>
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
      <Show when={reply()} fallback={<p class="quiet">loading…</p>}>
        {known => (
          <>
            <p class="quiet">
              {[
                known().document.doi ?? known().document.id,
                known().document.date,
                known().document.licence,
                `${known().document.pages} pages`,
                `${known().document.figures.length} figures`,
                `${known().cases.length} cases`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </p>
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
            <For each={known().document.figures} fallback={<CaseTiles cases={known().cases} />}>
              {figure => (
                <section class="card" data-page={figure.page} aria-label={figure.label}>
                  <header class="card-head">
                    <h2>{figure.label}</h2>
                    <span class="quiet">page {figure.page}</span>
                  </header>
                  <p class="figure-caption">{figure.caption}</p>
                  <CaseTiles cases={known().cases.filter(row => row.figure === figure.label)} />
                  <Show when={!known().cases.some(row => row.figure === figure.label)}>
                    <p class="quiet">No CT picture in this figure, so no case.</p>
                  </Show>
                </section>
              )}
            </For>
          </>
        )}
      </Show>
    </PageFrame>
  )
}

type Tile = Awaited<ReturnType<typeof getDocument>>['cases'][number]

function CaseTiles(props: { cases: readonly Tile[] }): JSX.Element {
  return (
    <ul class="tiles">
      <For each={props.cases}>
        {row => (
          <li>
            <A href={`/?case=${encodeURIComponent(row.id)}`} class="tile">
              <img src={imageAddress(row.imageFile)} alt="" width="120" height="120" loading="lazy" />
              <span>
                {row.panel ? `Panel ${row.panel}` : 'Case'}
                {row.mine ? ' ✓' : ''}
              </span>
            </A>
          </li>
        )}
      </For>
    </ul>
  )
}
