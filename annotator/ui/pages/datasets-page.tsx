import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { type ExportQuery, exportAddress, getPreview, getVersions } from '../api/datasets-api.ts'
import { may } from '../shell/session.ts'
import { DatasetDifference } from './datasets-diff.tsx'
import { FreezeForm } from './datasets-freeze.tsx'
import { PageFrame } from './page-frame.tsx'
import '../styles/people.css'

const FORMATS = [
  { format: 'jsonl', words: 'JSON lines' },
  { format: 'csv', words: 'CSV, for spreadsheets' },
  { format: 'parquet', words: 'Parquet' },
  { format: 'label-studio', words: 'Label Studio' },
  { format: 'coco', words: 'COCO, boxes' },
  { format: 'imagefolder', words: 'Hugging Face imagefolder', folder: true },
  { format: 'la-dnn', words: 'LA-DNN tables', folder: true },
]

/** What goes out: choose and look at it before it is taken; versions that never change, and what tells two apart. */
export default function DatasetsPage(): JSX.Element {
  const [query, setQuery] = createSignal<ExportQuery>({ format: 'jsonl' })
  const [preview, { refetch }] = createResource(query, getPreview)
  const [versions, { refetch: again }] = createResource(getVersions)
  const change = (part: Partial<ExportQuery>) => setQuery(before => ({ ...before, ...part }))
  const isFolder = () => FORMATS.some(each => each.folder && each.format === query().format)
  return (
    <PageFrame
      title="Export and versions"
      failure={preview.error ?? versions.error}
      onRetry={() => {
        void refetch()
        void again()
      }}
    >
      <section class="card">
        <h2>Export</h2>
        <form class="form form-row" onSubmit={event => event.preventDefault()}>
          <div>
            <label for="format">Format</label>
            <select id="format" onChange={event => change({ format: event.currentTarget.value })}>
              <For each={FORMATS}>{each => <option value={each.format}>{each.words}</option>}</For>
            </select>
          </div>
          <div>
            <label for="side">Side of the split</label>
            <select id="side" onChange={event => change({ split: event.currentTarget.value })}>
              <option value="">all</option>
              <option value="train">train</option>
              <option value="val">val</option>
              <option value="test">test</option>
            </select>
          </div>
          <div>
            <label for="licence">Licence</label>
            <select id="licence" onChange={event => change({ licence: event.currentTarget.value })}>
              <option value="">all</option>
              <For each={Object.keys(preview.latest?.licences ?? {}).sort()}>
                {licence => <option value={licence}>{licence}</option>}
              </For>
            </select>
          </div>
          <div>
            <label for="agreement">Agreement of at least</label>
            <select id="agreement" onChange={event => change({ minAgreement: event.currentTarget.value })}>
              <option value="">any</option>
              <option value="0.8">0.8</option>
              <option value="0.9">0.9</option>
              <option value="1">1</option>
            </select>
          </div>
          <label>
            <input type="checkbox" onChange={event => change({ onlyExpert: event.currentTarget.checked })} />{' '}
            only with an expert's label
          </label>
          <label>
            <input
              type="checkbox"
              onChange={event => change({ withRetracted: event.currentTarget.checked })}
            />{' '}
            withdrawn and retracted too
          </label>
          <label title="Their consent is for use here: ask who gave them before you hand them on">
            <input type="checkbox" onChange={event => change({ withGiven: event.currentTarget.checked })} />{' '}
            pictures that people gave too
          </label>
        </form>
        <Show when={preview.latest} fallback={<p class="quiet">counting…</p>}>
          {found => (
            <>
              <p role="status">
                <b>{found().goesOut.toLocaleString('en')}</b> cases go out.
              </p>
              <Show when={Object.keys(found().leftOut).length > 0}>
                <dl class="counts">
                  <For each={Object.entries(found().leftOut)}>
                    {([reason, count]) => (
                      <div>
                        <dt>left out: {reason}</dt>
                        <dd>{count}</dd>
                      </div>
                    )}
                  </For>
                </dl>
              </Show>
              <Show when={found().rows.length > 0}>
                <table class="table">
                  <caption class="quiet">first cases</caption>
                  <thead>
                    <tr>
                      <th scope="col">case</th>
                      <For each={HEADS}>
                        {head => (
                          <th scope="col" data-head={head}>
                            {head === 'flag' ? 'COVID' : head}
                          </th>
                        )}
                      </For>
                      <th scope="col">side</th>
                      <th scope="col">licence</th>
                    </tr>
                  </thead>
                  <tbody>
                    <For each={found().rows}>
                      {row => (
                        <tr>
                          <th scope="row">{row.id}</th>
                          <For each={HEADS}>
                            {head => (
                              <td>{(head === 'flag' ? row.flag : row.lesions[head]).value ?? 'masked'}</td>
                            )}
                          </For>
                          <td>{row.side ?? 'none'}</td>
                          <td>{row.provenance.licence ?? 'unknown'}</td>
                        </tr>
                      )}
                    </For>
                  </tbody>
                </table>
              </Show>
              <Show
                when={!isFolder()}
                fallback={
                  <p>
                    A folder with pictures: <code>lesionloop export {query().format} FOLDER</code> writes it.
                  </p>
                }
              >
                <p class="actions">
                  <a class="button" href={exportAddress(query())} download="">
                    Download
                  </a>
                </p>
              </Show>
            </>
          )}
        </Show>
      </section>
      <section class="card">
        <h2>Frozen versions</h2>
        <Show when={may('curate')}>
          <FreezeForm query={query()} onDone={() => void again()} />
        </Show>
        <Show when={versions()?.rows.length} fallback={<p class="quiet">No version is frozen yet.</p>}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">version</th>
                <th scope="col" class="number">
                  cases
                </th>
                <th scope="col" class="number">
                  pictures
                </th>
                <th scope="col">frozen</th>
                <th scope="col">SHA-256</th>
              </tr>
            </thead>
            <tbody>
              <For each={versions()?.rows}>
                {row => (
                  <tr>
                    <th scope="row">{row.name}</th>
                    <td class="number">{row.cases}</td>
                    <td class="number">{row.images}</td>
                    <td>{row.frozenAt.slice(0, 10)}</td>
                    <td>
                      <code title={row.sha256}>{row.sha256.slice(0, 12)}</code>
                    </td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </Show>
      </section>
      <Show when={(versions()?.rows.length ?? 0) > 1}>
        <DatasetDifference names={versions()!.rows.map(row => row.name)} />
      </Show>
    </PageFrame>
  )
}
