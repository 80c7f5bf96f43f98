import { createEffect, createSignal, type JSX, on, Show } from 'solid-js'
import { HEADS, type Head, LESIONS } from '../../../data/records/vocabulary.ts'
import { getHeatMap } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'

const STEP = 0.15

/**
 * The heat map over the picture: `h` lays the flag's over it and waits for a lesion's digit or `c`; `h` again takes it
 * away. It stays on from case to case, since who looks at one map looks at the next.
 */
export function createHeatDesk(of: () => { id: string; hidden: boolean } | null) {
  const [head, setHead] = createSignal<Head | null>(null)
  const [choosing, setChoosing] = createSignal(false)
  const [opacity, setOpacity] = createSignal(0.6)
  const [png, setPng] = createSignal<string | null>(null)
  const [words, setWords] = createSignal('')
  const off = () => {
    setHead(null)
    setChoosing(false)
  }

  createEffect(
    on([() => of()?.id, () => of()?.hidden, head], ([id, hidden, asked]) => {
      setPng(null)
      setWords('')
      if (!id || !asked) return
      if (hidden) {
        setWords('hidden until your first decision')
        return
      }
      setWords('drawing…')
      getHeatMap(id, asked).then(
        found => {
          if (of()?.id !== id || head() !== asked) return
          setPng(found.png)
          setWords(found.png ? '' : 'nothing here speaks for it')
        },
        (error: unknown) => {
          if (of()?.id !== id || head() !== asked) return
          off()
          tell(wordsOf(error))
        },
      )
    }),
  )

  return {
    head,
    opacity,
    setOpacity,
    png,
    words,
    choosing,
    toggle(): void {
      if (head()) off()
      else {
        setHead('flag')
        setChoosing(true)
      }
    },
    more: () => setOpacity(now => Math.min(1, now + STEP)),
    less: () => setOpacity(now => Math.max(STEP, now - STEP)),
    choose: setHead,
    off,
    /** The key after `h` chooses what the map is of; any other key is the desk's own. */
    takesKey(event: KeyboardEvent): boolean {
      if (!choosing() || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return false
      setChoosing(false)
      const nth = /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1]
      const chosen = nth ? LESIONS[Number(nth) - 1] : event.key === 'c' ? 'flag' : undefined
      if (chosen) setHead(chosen)
      else if (event.key === 'Escape') off()
      else return false
      return true
    },
  }
}
export type HeatDesk = ReturnType<typeof createHeatDesk>

/** The map itself, stretched over the whole picture as the model saw it. */
export function HeatLayer(props: { png: string; opacity: number }): JSX.Element {
  return (
    <img
      class="heat"
      alt=""
      src={`data:image/png;base64,${props.png}`}
      style={{ opacity: String(props.opacity) }}
    />
  )
}

/** Which map lies over the picture, and how strongly. */
export function HeatControls(props: { heat: HeatDesk }): JSX.Element {
  return (
    <Show when={props.heat.head()}>
      {head => (
        <fieldset
          class="heat-controls"
          aria-label="Heat map"
          onPointerDown={event => event.stopPropagation()}
          onDblClick={event => event.stopPropagation()}
        >
          <select
            aria-label="Heat map of"
            value={head()}
            onChange={event => props.heat.choose(event.currentTarget.value as Head)}
          >
            {HEADS.map(each => (
              <option value={each} selected={each === head()}>
                {each}
              </option>
            ))}
          </select>
          <input
            type="range"
            min="0.1"
            max="1"
            step="0.05"
            aria-label="Opacity of the heat map"
            value={props.heat.opacity()}
            onInput={event => props.heat.setOpacity(event.currentTarget.valueAsNumber)}
          />
          <span role="status">{props.heat.choosing() ? '1 to 5 or c' : props.heat.words()}</span>
          <button type="button" aria-label="Take the heat map away" onClick={props.heat.off}>
            ✕
          </button>
        </fieldset>
      )}
    </Show>
  )
}
