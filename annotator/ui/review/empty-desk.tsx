import { A } from '@solidjs/router'
import { type JSX, Show } from 'solid-js'
import { UploadDrop } from '../pages/upload-drop.tsx'
import { may } from '../shell/session.ts'

/** No case to show: the next step, and the way to do it. */
export function EmptyDesk(props: { filtered: boolean; onClear: () => void }): JSX.Element {
  return (
    <section class="sorry">
      <Show
        when={!props.filtered}
        fallback={
          <>
            <h2>No case matches this filter</h2>
            <p>Loosen it, or look at all cases.</p>
            <button type="button" class="primary" onClick={() => props.onClear()}>
              Show all cases
            </button>
          </>
        }
      >
        <h2>No cases yet</h2>
        <Show
          when={may('curate')}
          fallback={<p>A curator adds documents; their CT pictures then appear here as cases.</p>}
        >
          <p>Drop preprints here, or import COVID-CT on a command line.</p>
          <UploadDrop onDone={() => location.reload()} />
          <pre class="command">npx lesionloop import covid-ct DIR</pre>
        </Show>
        <p>
          <A href="/documents">Documents</A>
        </p>
      </Show>
    </section>
  )
}
