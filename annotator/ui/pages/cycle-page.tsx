import { A, useParams } from '@solidjs/router'
import { createResource, For, type JSX, Show } from 'solid-js'
import type { Measure } from '../../../data/records/cycle.ts'
import { LESION_NAMES, LESIONS, SIDES } from '../../../data/records/vocabulary.ts'
import { getCycle } from '../api/desk-api.ts'
import { nameOf } from '../shell/session.ts'
import { curveGroups } from './curve-groups.ts'
import { PageFrame } from './page-frame.tsx'
import { PlotFigure } from './plot-figure.tsx'

const MEASURES = ['auc', 'ap', 'accuracy', 'f1', 'sensitivity', 'specificity', 'precision']
const WORDS: Record<string, string> = { auc: 'AUC', ap: 'average precision', f1: 'F1' }

/** One cycle: what it learned from, how well it does and how sure that is. */
export default function CyclePage(): JSX.Element {
  const params = useParams()
  const [cycle, { refetch }] = createResource(() => params['id'], getCycle)
  return (
    <PageFrame
      title={`Cycle ${Number(params['id']) || params['id']}`}
      failure={cycle.error}
      onRetry={() => void refetch()}
      beside={
        <p class="actions">
          <A class="button" href="/cycles">
            All cycles
          </A>
          <Show when={!cycle.error && cycle()?.report}>
            {report => (
              <a class="button" href={report()} target="_blank" rel="noreferrer">
                Report
              </a>
            )}
          </Show>
        </p>
      }
    >
      <Show when={cycle()} fallback={<p class="quiet">loading…</p>}>
        {known => (
          <>
            <p class="quiet">
              sealed {new Date(known().record.sealedAt).toLocaleString()} · by {nameOf(known().record.by)} ·{' '}
              {known().record.backbone.name} on {known().record.backend.name} · seed {known().record.seed}
              {known().promoted ? ' · promoted' : ''}
            </p>
            <Show when={known().metrics?.warnings.length}>
              <section class="card">
                <h2>Warnings</h2>
                <ul>
                  <For each={known().metrics?.warnings}>{warning => <li class="warning">{warning}</li>}</For>
                </ul>
              </section>
            </Show>
            <Show when={known().metrics}>
              {metrics => (
                <>
                  <div class="plots">
                    <For each={curveGroups(metrics().curves.roc)}>
                      {group => (
                        <PlotFigure
                          words={`ROC: ${group.name}`}
                          draw={(plots, theme) =>
                            plots.rocPlot(group.curves, { theme, title: `ROC: ${group.name}` })
                          }
                        />
                      )}
                    </For>
                    <For each={curveGroups(metrics().curves.precisionRecall)}>
                      {group => (
                        <PlotFigure
                          words={`Precision and recall: ${group.name}`}
                          draw={(plots, theme) =>
                            plots.precisionRecallPlot(group.curves, {
                              theme,
                              title: `Precision and recall: ${group.name}`,
                            })
                          }
                        />
                      )}
                    </For>
                    <Show when={metrics().curves.loss.length > 0}>
                      <PlotFigure
                        words="Loss by epoch"
                        draw={(plots, theme) => plots.lossPlot(metrics().curves.loss, { theme })}
                      />
                    </Show>
                  </div>
                  <MeasureTable
                    title="COVID flag"
                    rows={[...SIDES, 'oof' as const].flatMap(side => {
                      const values = metrics().flag[side]
                      return values ? [{ name: side === 'oof' ? 'out of fold' : side, values }] : []
                    })}
                  />
                  <For each={[...SIDES, 'oof' as const].filter(side => metrics().lesions[side])}>
                    {side => (
                      <MeasureTable
                        title={`Lesions, ${side === 'oof' ? 'out of fold' : side}`}
                        rows={LESIONS.flatMap(lesion => {
                          const values = metrics().lesions[side]?.[lesion]
                          return values ? [{ name: LESION_NAMES[lesion], values }] : []
                        })}
                      />
                    )}
                  </For>
                </>
              )}
            </Show>
          </>
        )}
      </Show>
    </PageFrame>
  )
}

function MeasureTable(props: {
  title: string
  rows: readonly { name: string; values: Record<string, Measure> }[]
}): JSX.Element {
  const columns = () => MEASURES.filter(name => props.rows.some(row => row.values[name]))
  return (
    <section class="card">
      <h2>{props.title}</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">of</th>
            <th scope="col" class="number">
              cases (positive)
            </th>
            <For each={columns()}>{name => <th scope="col">{WORDS[name] ?? name}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {row => {
              const any = () => Object.values(row.values)[0]
              return (
                <tr>
                  <th scope="row">{row.name}</th>
                  <td class="number">
                    {any()?.n ?? 0} ({any()?.positives ?? 0})
                  </td>
                  <For each={columns()}>{name => <td>{measureWords(row.values[name])}</td>}</For>
                </tr>
              )
            }}
          </For>
        </tbody>
      </table>
    </section>
  )
}

function measureWords(measure: Measure | undefined): JSX.Element {
  if (!measure) return '–'
  if (measure.value === null) return <span class="quiet">n/a{measure.na ? `: ${measure.na}` : ''}</span>
  return (
    <>
      {measure.value.toFixed(2)}{' '}
      <Show when={measure.low !== null && measure.high !== null}>
        <span class="quiet under">
          {measure.low?.toFixed(2)}–{measure.high?.toFixed(2)}
        </span>
      </Show>
    </>
  )
}
