import { createSignal, For, type JSX, Show } from 'solid-js'
import { createStore } from 'solid-js/store'
import type { Job } from '../../../data/records/job.ts'
import { beginUpload, sendFile, startMining } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { type ChosenFile, chosenFiles, droppedFiles } from './dropped-files.ts'
import { JobCard } from './job-card.tsx'
import { liveJobs } from './live-jobs.ts'

interface Sending {
  name: string
  share: number
  state: 'waiting' | 'sending' | 'sent' | 'refused'
  message: string
}

/** Drop PDFs, folders, JSONL or CSV: each file shows how far it is and what was wrong with it; then they are mined. */
export function UploadDrop(props: { onDone: (job: Job) => void }): JSX.Element {
  const [files, setFiles] = createStore<Sending[]>([])
  const [over, setOver] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal('')
  const [job, setJob] = createSignal<string | null>(null)
  const live = liveJobs(['mine'], ended => {
    if (ended.id === job()) props.onDone(ended)
  })
  const current = () => live.jobs().find(each => each.id === job())
  let chooser!: HTMLInputElement
  let folderChooser!: HTMLInputElement

  async function send(chosen: readonly ChosenFile[]): Promise<void> {
    if (busy() || chosen.length === 0) return
    setBusy(true)
    setFailure('')
    setFiles(chosen.map(({ path }) => ({ name: path, share: 0, state: 'waiting', message: '' })))
    try {
      const batch = await beginUpload()
      let sent = 0
      for (const [at, file] of chosen.entries()) {
        setFiles(at, 'state', 'sending')
        try {
          await sendFile(batch.id, file, share => setFiles(at, 'share', share))
          setFiles(at, { state: 'sent', share: 1 })
          sent++
        } catch (error) {
          setFiles(at, { state: 'refused', message: wordsOf(error) })
        }
      }
      if (sent === 0)
        throw new Error('upload: none of the files could be used; the reasons stand beside them')
      const started = (await startMining(batch.id)).job
      live.take(started)
      setJob(started.id)
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <div class="upload">
      <section
        class="drop"
        aria-label="Drop files here"
        classList={{ over: over() }}
        onDragOver={event => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={event => {
          event.preventDefault()
          setOver(false)
          if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(send)
        }}
      >
        <p>Drop PDFs, folders, JSONL or CSV (with the pictures they name) here</p>
        <p class="actions">
          <button type="button" class="primary" disabled={busy()} onClick={() => chooser.click()}>
            Choose files
          </button>
          <button type="button" disabled={busy()} onClick={() => folderChooser.click()}>
            Choose a folder
          </button>
        </p>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label="Files to mine"
          accept=".pdf,.jsonl,.csv,.txt,.xml,.nxml,.png,.jpg,.jpeg,.webp,.dcm"
          onChange={event => {
            void send(chosenFiles(event.currentTarget.files))
            event.currentTarget.value = ''
          }}
        />
        <input
          ref={input => {
            folderChooser = input
            input.webkitdirectory = true
          }}
          type="file"
          hidden
          aria-label="Folder to mine"
          onChange={event => {
            void send(chosenFiles(event.currentTarget.files))
            event.currentTarget.value = ''
          }}
        />
      </section>
      <Show when={files.length > 0}>
        <ul class="files" aria-label="Files sent">
          <For each={files}>
            {file => (
              <li data-state={file.state}>
                <span class="file-name">{file.name}</span>
                <Show
                  when={file.state === 'sending' || file.state === 'waiting'}
                  fallback={<span>{file.state === 'sent' ? '✓ sent' : `▲ ${file.message}`}</span>}
                >
                  <progress max="1" value={file.share} aria-label={`sending ${file.name}`} />
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <p class="failure" role="alert">
        {failure()}
      </p>
      <Show when={current()}>{known => <JobCard job={known()} onChange={live.take} />}</Show>
    </div>
  )
}
