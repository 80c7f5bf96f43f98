import { A } from '@solidjs/router'
import { createSignal, For, type JSX, Show } from 'solid-js'
import type { Comparison, Flip } from '../../../data/records/comparison.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { FLIP_WORDS, headWords, SIDE_WORDS } from './compare-words.ts'

const PAGE = 48

/** Cases called one way before and the other way now, as pictures; each opens its case. */
export function CompareFlips(props: {
  flips: readonly Flip[]
  counts: Comparison['flipCounts']
}): JSX.Element {
  const [head, setHead] = createSignal('')
  const [verdict, setVerdict] = createSignal('')
  const [most, setMost] = createSignal(PAGE)
  const chosen = () =>
    props.flips.filter(
      flip => (!head() || flip.head === head()) && (!verdict() || flip.verdict === verdict()),
    )
  const count = (of: Flip['verdict']) => props.counts.reduce((sum, each) => sum + each[of], 0)
  return (
    <section class="card">
      <h2>
        Flips: {count('mended')} now right, {count('broken')} now wrong, {count('unknown')} not known
      </h2>
      <Show when={props.flips.length > 0} fallback={<p>No case is called otherwise than before.</p>}>
        <div class="flip-filter">
          <label for="flip-head">of</label>
          <select id="flip-head" value={head()} onChange={event => setHead(event.currentTarget.value)}>
            <option value="">every head</option>
            <For each={HEADS}>{each => <option value={each}>{headWords(each)}</option>}</For>
          </select>
          <label for="flip-verdict">that are</label>
          <select
            id="flip-verdict"
            value={verdict()}
            onChange={event => setVerdict(event.currentTarget.value)}
          >
            <option value="">any</option>
            <For each={Object.entries(FLIP_WORDS)}>
              {([name, words]) => <option value={name}>{words}</option>}
            </For>
          </select>
          <span class="quiet" role="status">
            {chosen().length} flips
          </span>
        </div>
        <ul class="tiles flips">
          <For each={chosen().slice(0, most())}>
            {flip => (
              <li>
                <A class="tile" href={`/?case=${encodeURIComponent(flip.case)}`} title={flip.case}>
                  <img
                    src={`/images/${flip.imageFile}`}
                    alt={`case ${flip.case}`}
                    width="112"
                    height="112"
                    loading="lazy"
                  />
                  <span data-head={flip.head} class="flip-head">
                    {headWords(flip.head)} {flip.before.toFixed(2)} → {flip.after.toFixed(2)}
                  </span>
                  <span data-verdict={flip.verdict}>
                    {flip.called ? 'called positive' : 'called negative'}, {FLIP_WORDS[flip.verdict]}
                  </span>
                  <span class="quiet">{SIDE_WORDS[flip.side]}</span>
                </A>
              </li>
            )}
          </For>
        </ul>
        <Show when={chosen().length > most()}>
          <p>
            <button type="button" onClick={() => setMost(shown => shown + PAGE)}>
              Show {Math.min(PAGE, chosen().length - most())} more
            </button>
          </p>
        </Show>
      </Show>
    </section>
  )
}
