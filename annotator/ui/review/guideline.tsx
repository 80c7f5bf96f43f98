import { createSignal, For, type JSX, onMount, Show } from 'solid-js'
import { LESION_NAMES, LESIONS, type Lesion } from '../../../data/records/vocabulary.ts'
import { getCases } from '../api/desk-api.ts'
import { Dialog } from '../shell/dialog.tsx'
import { type Example, examplesAmong } from './examples.ts'
import { imageAddress } from './images.ts'

/** What counts as each lesion, in our words after the Fleischner Society's glossary (Radiology 2008; 246: 697). */
const RULES: Record<Lesion, { is: string; not: string }> = {
  GGO: {
    is: 'Hazy lung, brighter than normal, through which vessels and airway walls are still seen.',
    not: 'Dependent haze that follows gravity, or the whole slice bright from breathing out: uncertain.',
  },
  Csld: {
    is: 'Lung so dense that vessels and airway walls vanish in it.',
    not: 'A collapsed lobe with lost volume, or fluid beside the lung.',
  },
  CrPa: {
    is: 'Ground-glass with a net of thickened septa and lines inside it, like paving stones. Label GGO too.',
    not: 'A few lines without haze between them: septal thickening only.',
  },
  AirBr: {
    is: 'Dark, branching, air-filled airways inside consolidated or very dense lung.',
    not: 'A bronchus in normal lung, or one widened by traction in scars.',
  },
  InSepThi: {
    is: 'Thin lines that outline polygons of one to two centimetres, often reaching the pleura at a right angle.',
    not: 'Intralobular lines, finer and inside a lobule.',
  },
}

/** The labelling guideline, opened at the lesion in hand. */
export function Guideline(props: {
  lesion: Lesion
  /** The case looked at, which is no example of itself. */
  besides?: string | undefined
  onClose: () => void
}): JSX.Element {
  let list!: HTMLDListElement
  onMount(() => list.querySelector(`[data-head="${props.lesion}"]`)?.scrollIntoView({ block: 'center' }))
  return (
    <Dialog title="Labelling guideline" wide onClose={props.onClose}>
      <dl class="guideline" ref={list}>
        <For each={LESIONS}>
          {(lesion, at) => (
            <div data-head={lesion} classList={{ here: lesion === props.lesion }}>
              <dt>
                <kbd>{at() + 1}</kbd> <span class="row-name">{lesion}</span> {LESION_NAMES[lesion]}
              </dt>
              <dd>{RULES[lesion].is}</dd>
              <dd class="quiet">Not: {RULES[lesion].not}</dd>
              <dd class="examples">
                <Examples lesion={lesion} besides={props.besides} />
              </dd>
            </div>
          )}
        </For>
      </dl>
      <p class="quiet">
        Label what is seen in this picture. Uncertain is an answer; not assessed means that nobody looked for
        it.
      </p>
    </Dialog>
  )
}

const LOOKED_THROUGH = 200

/** Examples among the labelled cases whose text names the lesion; none without the server, where the phantoms do. */
async function confirmedExamples(lesion: Lesion, besides: string | undefined): Promise<Example[]> {
  try {
    const asked = { lesion, finding: 'present', state: 'labelled', sort: 'document' } as const
    return examplesAmong((await getCases(asked, 0, LOOKED_THROUGH)).rows, lesion, besides)
  } catch {
    return []
  }
}

/** What the lesion looks like: in cases the team has confirmed, or in a phantom until there are any. */
function Examples(props: { lesion: Lesion; besides: string | undefined }): JSX.Element {
  // No resource: nothing waits for the examples, the phantom stands in their place.
  const [confirmed, setConfirmed] = createSignal<Example[]>([])
  onMount(() => void confirmedExamples(props.lesion, props.besides).then(setConfirmed))
  return (
    <Show
      when={confirmed().length > 0}
      fallback={
        <figure>
          <img
            src={`/guideline/${props.lesion}.webp`}
            alt={`a drawn phantom of ${LESION_NAMES[props.lesion]}`}
            width="120"
            height="120"
          />
          <figcaption>phantom</figcaption>
        </figure>
      }
    >
      <For each={confirmed()}>
        {example => (
          <figure>
            <img
              src={imageAddress(example.imageFile)}
              alt={`${LESION_NAMES[props.lesion]}, confirmed: ${example.name}`}
              width="120"
              height="120"
            />
            <figcaption>{example.name}</figcaption>
          </figure>
        )}
      </For>
    </Show>
  )
}
