import { createMemo, createSignal, For, type JSX, Show } from 'solid-js'
import type { FigureState } from '../../server/replies.ts'
import { imageAddress } from '../review/images.ts'
import { Dialog } from '../shell/dialog.tsx'
import {
  addLine,
  type Cut,
  cellsOf,
  cutsOf,
  drawnPanels,
  faultOf,
  type Line,
  lettered,
  linesOf,
  moveLine,
  nameAt,
  type Panel,
  type Path,
  removeLine,
  samePath,
} from './figure-lines.ts'

const STEP = 0.005
const FINE = 0.001
const keyOf = (path: Path) => path.join('')
const percent = (share: number) => `${Math.round(share * 1000) / 10}%`

/**
 * Splits a figure into panels by lines, and merges them by taking lines away. Lines are dragged, or moved by the
 * arrows where the focus is on them.
 */
export function FigureEditor(props: {
  figure: FigureState
  file: string
  onSave: (panels: ReturnType<typeof drawnPanels>) => void
  onClose: () => void
}): JSX.Element {
  const there = props.figure.panels.flatMap(({ label, box }): Panel[] => (box ? [{ label, box }] : []))
  const start = cutsOf(there)
  const [history, setHistory] = createSignal<readonly Cut[]>([start ?? { kind: 'panel', label: null }])
  const cut = () => history().at(-1)!
  const lines = createMemo(() => linesOf(cut()))
  const cells = createMemo(() => cellsOf(cut()))
  const [chosen, setChosen] = createSignal<Path>(cells()[0]!.path)
  const [point, setPoint] = createSignal<{ x: number; y: number } | null>(null)
  const chosenCell = () => cells().find(cell => samePath(cell.path, chosen())) ?? cells()[0]!
  const [dragging, setDragging] = createSignal<string | null>(null)
  let sheet!: HTMLDivElement

  /** One step that can be taken back; the moves of one line in a row are one. */
  function change(next: Cut, goesOn = false): void {
    setHistory(all => (goesOn && all.length > 1 ? [...all.slice(0, -1), next] : [...all, next]))
  }

  function undo(): void {
    setHistory(all => (all.length > 1 ? all.slice(0, -1) : all))
  }

  const focusOn = (selector: string) =>
    queueMicrotask(() => sheet.closest('form')?.querySelector<HTMLElement>(selector)?.focus())

  function add(along: 'x' | 'y'): void {
    const cell = chosenCell()
    const at = point()
    const [x0, y0, x1, y1] = cell.within
    const inside = at && at.x > x0 && at.x < x1 && at.y > y0 && at.y < y1
    const next = addLine(cut(), cell.path, along, inside ? at[along] : undefined)
    if (next === cut()) return
    change(next)
    setChosen([...cell.path, 0])
    setPoint(null)
    focusOn(`[data-line="${keyOf(cell.path)}"]`)
  }

  function remove(line: Line): void {
    change(removeLine(cut(), line.path))
    setChosen(line.path)
    focusOn(`[data-panel="${keyOf(line.path)}"]`)
  }

  let moved = ''
  function move(line: Line, to: number): void {
    const key = keyOf(line.path)
    change(moveLine(cut(), line.path, to), moved === key)
    moved = key
  }

  function lineKey(event: KeyboardEvent, line: Line): void {
    const back = line.along === 'x' ? 'ArrowLeft' : 'ArrowUp'
    const on = line.along === 'x' ? 'ArrowRight' : 'ArrowDown'
    const step = event.shiftKey ? FINE : STEP
    if (event.key === back) move(line, line.at - step)
    else if (event.key === on) move(line, line.at + step)
    else if (event.key === 'Home') move(line, line.low)
    else if (event.key === 'End') move(line, line.high)
    else if (event.key === 'Delete' || event.key === 'Backspace') remove(line)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const placeOf = (event: PointerEvent) => {
    const { left, top, width, height } = sheet.getBoundingClientRect()
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height }
  }

  return (
    <Dialog title={`Panels of ${props.figure.label}`} wide onClose={props.onClose}>
      <form
        class="figure-editor"
        onSubmit={event => {
          event.preventDefault()
          if (faultOf(cut())) return
          props.onSave(drawnPanels(cut()))
          props.onClose()
        }}
        onKeyDown={event => {
          if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') undo()
          else if ((event.ctrlKey || event.metaKey) && event.key === 'Enter')
            event.currentTarget.requestSubmit()
          else if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey)
            return
          else if (event.key === 'v') add('x')
          else if (event.key === 'l') add('y')
          else return
          event.preventDefault()
        }}
      >
        <div class="editor-stage">
          <div
            ref={sheet}
            class="editor-sheet"
            onPointerDown={event => {
              if (event.target instanceof HTMLElement && event.target.closest('.editor-line')) return
              const at = placeOf(event)
              const cell = cells().find(
                ({ within: [x0, y0, x1, y1] }) => at.x >= x0 && at.x <= x1 && at.y >= y0 && at.y <= y1,
              )
              if (!cell) return
              setPoint(at)
              setChosen(cell.path)
            }}
          >
            <img
              src={imageAddress(props.file)}
              alt={`${props.figure.label}, the whole figure`}
              draggable={false}
            />
            <For each={cells()}>
              {(cell, i) => (
                <div
                  class="editor-cell"
                  classList={{ chosen: samePath(cell.path, chosenCell().path) }}
                  style={{
                    left: percent(cell.within[0]),
                    top: percent(cell.within[1]),
                    width: percent(cell.within[2] - cell.within[0]),
                    height: percent(cell.within[3] - cell.within[1]),
                  }}
                >
                  <span class="editor-letter">{cell.label ?? i() + 1}</span>
                </div>
              )}
            </For>
            <For each={lines().map(line => keyOf(line.path))}>
              {key => {
                const line = () => lines().find(each => keyOf(each.path) === key)
                const upright = () => line()?.along === 'x'
                return (
                  <Show when={line()}>
                    {now => (
                      <div
                        class="editor-line"
                        role="slider"
                        tabIndex={0}
                        data-line={key}
                        data-along={now().along}
                        aria-label={upright() ? 'Upright line' : 'Level line'}
                        aria-orientation={upright() ? 'horizontal' : 'vertical'}
                        aria-valuemin={Math.round(now().low * 1000) / 10}
                        aria-valuemax={Math.round(now().high * 1000) / 10}
                        aria-valuenow={Math.round(now().at * 1000) / 10}
                        aria-valuetext={`at ${percent(now().at)} of the ${upright() ? 'width' : 'height'}`}
                        style={
                          upright()
                            ? {
                                left: percent(now().at),
                                top: percent(now().from),
                                height: percent(now().to - now().from),
                              }
                            : {
                                top: percent(now().at),
                                left: percent(now().from),
                                width: percent(now().to - now().from),
                              }
                        }
                        onKeyDown={event => lineKey(event, now())}
                        onBlur={() => {
                          moved = ''
                        }}
                        onPointerDown={event => {
                          event.preventDefault()
                          event.currentTarget.focus()
                          event.currentTarget.setPointerCapture(event.pointerId)
                          moved = ''
                          setDragging(key)
                        }}
                        onPointerMove={event => {
                          if (dragging() === key) move(now(), placeOf(event)[now().along])
                        }}
                        onPointerUp={() => setDragging(null)}
                        onPointerCancel={() => setDragging(null)}
                        onDblClick={() => remove(now())}
                      />
                    )}
                  </Show>
                )
              }}
            </For>
          </div>
        </div>
        <div class="editor-side">
          <Show when={!start && there.length > 1}>
            <p class="quiet">
              The panels as they are can’t be told apart by straight lines: begin with the whole figure.
            </p>
          </Show>
          <p class="editor-tools">
            <button type="button" onClick={() => add('x')}>
              Upright line <kbd>v</kbd>
            </button>
            <button type="button" onClick={() => add('y')}>
              Level line <kbd>l</kbd>
            </button>
          </p>
          <ol class="editor-panels" aria-label="Panels, in reading order">
            <For each={cells().map(cell => keyOf(cell.path))}>
              {(key, i) => {
                const cell = () => cells().find(each => keyOf(each.path) === key)
                return (
                  <Show when={cell()}>
                    {now => (
                      <li>
                        <button
                          type="button"
                          data-panel={key}
                          autofocus={i() === 0}
                          aria-pressed={samePath(now().path, chosenCell().path)}
                          onFocus={() => setChosen(now().path)}
                          onClick={() => setChosen(now().path)}
                        >
                          Panel {i() + 1}
                        </button>
                        <input
                          class="editor-letter-field"
                          aria-label={`Letter of panel ${i() + 1}`}
                          maxlength="8"
                          placeholder="–"
                          value={now().label ?? ''}
                          onFocus={() => setChosen(now().path)}
                          onInput={event => {
                            const label = event.currentTarget.value.trim().toUpperCase()
                            change(nameAt(cut(), now().path, label || null), moved === `name ${key}`)
                            moved = `name ${key}`
                          }}
                        />
                      </li>
                    )}
                  </Show>
                )
              }}
            </For>
          </ol>
          <p class="editor-tools">
            <button type="button" class="small" onClick={() => change(lettered(cut()))}>
              Letter them A, B, C
            </button>
            <button type="button" class="small" disabled={history().length < 2} onClick={undo}>
              Undo <kbd>Ctrl Z</kbd>
            </button>
          </p>
          <p class="quiet">
            <kbd>v</kbd> and <kbd>l</kbd> cut the panel chosen; <kbd>Tab</kbd> goes to a line, arrows move it,{' '}
            <kbd>⇧</kbd> finely, <kbd>Del</kbd> takes it away and merges. Or drag, and double-click.
          </p>
          <p class="failure" role="alert">
            {faultOf(cut()) ?? ''}
          </p>
          <div class="form-end">
            <Show when={props.figure.isDrawn}>
              <button
                type="button"
                onClick={() => {
                  props.onSave([])
                  props.onClose()
                }}
              >
                As mined
              </button>
            </Show>
            <button type="button" onClick={() => props.onClose()}>
              Cancel
            </button>
            <button type="submit" class="primary" disabled={history().length < 2 || faultOf(cut()) !== null}>
              Save {cells().length} {cells().length === 1 ? 'panel' : 'panels'}
            </button>
          </div>
        </div>
      </form>
    </Dialog>
  )
}
