import { A } from '@solidjs/router'
import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import type { DocumentList, TableRow } from '../../server/replies.ts'
import { getDocuments, startImport } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { may, me } from '../shell/session.ts'
import { JobCard } from './job-card.tsx'
import { liveJobs } from './live-jobs.ts'
import { PageFrame } from './page-frame.tsx'
import { UploadDrop } from './upload-drop.tsx'

/** Documents as they came in, with how many figures and cases each gave; and the way to add more. */
export default function DocumentsPage(): JSX.Element {
  const [documents, { refetch }] = createResource(getDocuments)
  const imports = liveJobs(['import'], () => void refetch())
  return (
    <PageFrame title="Documents" failure={documents.error} onRetry={() => void refetch()}>
      <Show when={may('curate')}>
        <section class="card" aria-labelledby="add-documents">
          <h2 id="add-documents">Add documents</h2>
          <UploadDrop onDone={() => void refetch()} />
          <Show when={me()?.owner}>
            <ImportForm onStarted={imports.take} />
            <Show when={imports.jobs()[0]}>{job => <JobCard job={job()} onChange={imports.take} />}</Show>
          </Show>
        </section>
      </Show>
      <Show
        when={(documents()?.total ?? 0) + (documents()?.tables.length ?? 0) > 0}
        fallback={
          <p class="quiet">
            {documents.loading
              ? 'loading…'
              : 'No documents yet. Drop preprints above: their figures are found, and every CT picture becomes a case.'}
          </p>
        }
      >
        <Show when={(documents()?.total ?? 0) > 0}>
          <section class="card">
            <h2>{documents()?.total} documents</h2>
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">document</th>
                  <th scope="col">format</th>
                  <th scope="col" class="number">
                    pages
                  </th>
                  <th scope="col" class="number">
                    figures
                  </th>
                  <th scope="col" class="number">
                    cases
                  </th>
                  <th scope="col" class="number">
                    labelled
                  </th>
                  <th scope="col">mined</th>
                </tr>
              </thead>
              <tbody>
                <For each={documents()?.rows}>
                  {row => (
                    <tr>
                      <th scope="row">
                        <A href={`/document?id=${encodeURIComponent(row.id)}`}>{row.title ?? row.file}</A>
                        <span class="quiet under">{row.doi ?? row.file}</span>
                      </th>
                      <td>{row.format}</td>
                      <td class="number">
                        {row.pages}
                        {row.skippedPages > 0 ? ` (${row.skippedPages} skipped)` : ''}
                      </td>
                      <td class="number">{row.figures}</td>
                      <td class="number">{row.cases}</td>
                      <td class="number">
                        {row.labelled} of {row.cases}
                      </td>
                      <td>{new Date(row.minedAt).toLocaleDateString()}</td>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          </section>
        </Show>
        <Tables rows={documents()?.tables ?? []} />
      </Show>
      <Rejections of={documents()?.rejections} />
    </PageFrame>
  )
}

/** Tables and datasets: their rows are cases, with no pages to look at. */
function Tables(props: { rows: readonly TableRow[] }): JSX.Element {
  return (
    <Show when={props.rows.length > 0}>
      <section class="card">
        <h2>{props.rows.length === 1 ? '1 table' : `${props.rows.length} tables`}</h2>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">table or dataset</th>
              <th scope="col" class="number">
                cases
              </th>
              <th scope="col" class="number">
                labelled
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={props.rows}>
              {row => (
                <tr>
                  <th scope="row">
                    <A href={`/?case=${encodeURIComponent(row.firstCase)}`}>{row.name}</A>
                    <span class="quiet under">opens its first case</span>
                  </th>
                  <td class="number">{row.cases}</td>
                  <td class="number">
                    {row.labelled} of {row.cases}
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </section>
    </Show>
  )
}

/** What could not be used, with the reason: files, pages, rows and pictures. */
function Rejections(props: { of: DocumentList['rejections'] | undefined }): JSX.Element {
  return (
    <Show when={(props.of?.total ?? 0) > 0 && props.of}>
      {known => (
        <section class="card">
          <details class="problems">
            <summary>
              {known().total === 1 ? '1 thing' : `${known().total} things`} could not be used
              {known().total > known().rows.length ? `; the newest ${known().rows.length}` : ''}
            </summary>
            <ul>
              <For each={known().rows}>
                {row => (
                  <li>
                    {row.name}
                    {row.item ? `, ${row.item}` : ''}: {row.reason}
                  </li>
                )}
              </For>
            </ul>
          </details>
        </section>
      )}
    </Show>
  )
}

/** Import of a dataset's folder on the server's own disk. */
function ImportForm(props: {
  onStarted: (job: Awaited<ReturnType<typeof startImport>>['job']) => void
}): JSX.Element {
  const [path, setPath] = createSignal('')
  const [failure, setFailure] = createSignal('')
  return (
    <details class="import">
      <summary>Import COVID-CT from a folder of this computer</summary>
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          setFailure('')
          startImport('covid-ct', path().trim()).then(
            reply => props.onStarted(reply.job),
            error => setFailure(wordsOf(error)),
          )
        }}
      >
        <label for="import-path">Folder with images/, train.csv, val.csv and test.csv</label>
        <input id="import-path" value={path()} onInput={event => setPath(event.currentTarget.value)} />
        <div class="form-end">
          <button type="submit" class="primary" disabled={!path().trim()}>
            Import
          </button>
        </div>
        <p class="failure" role="alert">
          {failure()}
        </p>
      </form>
    </details>
  )
}
