import { A } from '@solidjs/router'
import { createSignal, For, type JSX, Show } from 'solid-js'
import { IMAGE_KINDS, type ImageKind } from '../../../data/records/vocabulary.ts'
import type { FigurePanel, FigureState } from '../../server/replies.ts'
import { makeCases } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import CaptionEditor from '../review/caption-editor.tsx'
import { imageAddress } from '../review/images.ts'
import { tell } from '../shell/notices.tsx'
import { may } from '../shell/session.ts'
import { actOn } from './figure-acts.ts'
import { FigureEditor } from './figure-editor.tsx'

export const KIND_WORDS: Record<ImageKind, string> = {
  ct: 'CT',
  xray: 'X-ray',
  chart: 'chart',
  diagram: 'diagram',
  photograph: 'photograph',
}

/** The place of a figure on its page, for links from the page's picture. */
export const figureAnchor = (label: string) => `figure-${label.replace(/[^\w]+/g, '-')}`

/** One figure: its caption, its panels with what each is, and the ways to correct what the miner got wrong. */
export function DocumentFigure(props: {
  document: string
  figure: FigureState
  page: number | null
  /** Reads the document again. */
  again: () => void
}): JSX.Element {
  const [editing, setEditing] = createSignal<'caption' | 'panels' | null>(null)
  const act = () => props.figure.act
  return (
    <section
      class="card figure-card"
      id={figureAnchor(props.figure.label)}
      aria-label={props.figure.label}
      tabIndex={-1}
    >
      <header class="card-head">
        <h2>{props.figure.label}</h2>
        <span class="quiet" role="status">
          {[
            props.page === null ? '' : `page ${props.page}`,
            props.figure.minedCaption === null ? '' : 'caption corrected',
            props.figure.isDrawn ? 'panels by hand' : '',
            props.figure.amending ? 'being mined and cut…' : '',
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <Show when={may('curate') && act()}>
          <span class="actions">
            <button
              type="button"
              class="small"
              aria-label={`Edit caption of ${props.figure.label}`}
              onClick={() => setEditing('caption')}
            >
              Edit caption
            </button>
            <Show when={props.figure.picture}>
              <button
                type="button"
                class="small"
                aria-label={`Split panels of ${props.figure.label}`}
                onClick={() => setEditing('panels')}
              >
                Split panels
              </button>
            </Show>
          </span>
        </Show>
      </header>
      <p class="figure-caption">{props.figure.caption}</p>
      <Show
        when={props.figure.panels.length > 0}
        fallback={<NoCase document={props.document} label={props.figure.label} again={props.again} />}
      >
        <ul class="tiles">
          <For each={props.figure.panels}>{panel => <PanelTile panel={panel} again={props.again} />}</For>
        </ul>
      </Show>
      <Show when={editing() === 'caption' && act()}>
        {base => (
          <CaptionEditor
            figure={props.figure.label}
            caption={props.figure.caption}
            minedCaption={props.figure.minedCaption}
            onClose={() => setEditing(null)}
            onSave={text =>
              void actOn(
                base(),
                { kind: 'caption', text },
                { words: 'Caption saved; its words are being mined.', after: props.again },
              )
            }
          />
        )}
      </Show>
      <Show when={editing() === 'panels' && act() && props.figure.picture}>
        {picture => (
          <FigureEditor
            figure={props.figure}
            file={picture().file}
            onClose={() => setEditing(null)}
            onSave={panels =>
              void actOn(
                act()!,
                { kind: 'split-panels', panels },
                {
                  words:
                    panels.length === 0
                      ? 'The mined panels stand again.'
                      : 'Panels saved; their pictures are being cut.',
                  after: props.again,
                },
              )
            }
          />
        )}
      </Show>
    </section>
  )
}

/** A panel with what it is taken for; who may review may say otherwise. */
function PanelTile(props: { panel: FigurePanel; again: () => void }): JSX.Element {
  const name = () => (props.panel.label ? `Panel ${props.panel.label}` : 'Picture')
  return (
    <li class="panel-tile">
      <A
        href={`/?case=${encodeURIComponent(props.panel.case)}`}
        class="tile"
        aria-label={`${name()}${props.panel.labelled ? ', decided' : ''}: review it`}
      >
        <img src={imageAddress(props.panel.imageFile)} alt="" width="120" height="120" loading="lazy" />
        <span>
          {name()}
          {props.panel.labelled ? ' ✓' : ''}
        </span>
      </A>
      <select
        aria-label={`What ${name()} is`}
        disabled={!may('review')}
        value={props.panel.kind}
        onChange={event => {
          const image = event.currentTarget.value as ImageKind
          const base = { case: props.panel.case, version: props.panel.version }
          void actOn(
            base,
            { kind: 'kind', image },
            {
              words:
                image === 'ct'
                  ? `${name()} is a CT: it is in the lists.`
                  : `${name()} is no CT: it is out of the lists.`,
              after: props.again,
            },
          )
        }}
      >
        <For each={IMAGE_KINDS}>{kind => <option value={kind}>{KIND_WORDS[kind]}</option>}</For>
      </select>
    </li>
  )
}

/** A figure without a case: its pictures were taken for something else than a CT. */
function NoCase(props: { document: string; label: string; again: () => void }): JSX.Element {
  const [asked, setAsked] = createSignal(false)
  return (
    <p class="quiet no-case">
      <span>No CT was found in this figure, so it has no case.</span>
      <Show when={may('curate')}>
        <button
          type="button"
          class="small"
          disabled={asked()}
          aria-label={`There is a CT in it: make cases of the pictures of ${props.label}`}
          onClick={() => {
            setAsked(true)
            makeCases(props.document, props.label).catch(error => {
              setAsked(false)
              tell(wordsOf(error), { bad: true })
            })
          }}
        >
          {asked() ? 'making cases…' : 'There is a CT in it'}
        </button>
      </Show>
    </p>
  )
}
