import { A, useSearchParams } from '@solidjs/router'
import { createResource, For, type JSX, Show } from 'solid-js'
import type { ComparedMeasure, Comparison } from '../../../data/records/comparison.ts'
import { getComparison, getPromotion } from '../api/desk-api.ts'
import { may } from '../shell/session.ts'
import { CompareFlips } from './compare-flips.tsx'
import {
  cycleWords,
  differenceWords,
  headWords,
  MEASURE_WORDS,
  mainMeasure,
  SIDE_WORDS,
  VERDICT_WORDS,
} from './compare-words.ts'
import { CycleGates } from './cycle-gates.tsx'
import { PageFrame } from './page-frame.tsx'
import { PlotFigure } from './plot-figure.tsx'
import '../styles/cycles.css'

const one = (value: string | string[] | undefined) => (typeof value === 'string' ? value : '')

/** Two cycles on the same cases: what became better or worse, which cases flipped, and what the corrections did. */
export default function ComparePage(): JSX.Element {
  const [params] = useSearchParams()
  const pair = () => ({ before: one(params['before']), after: one(params['after']) })
  const [reply, { refetch }] = createResource(
    () => (may('train') ? pair() : null),
    ({ before, after }) => getComparison(before, after),
  )
  const [promotion, { mutate }] = createResource(getPromotion)
  const promoted = () => (promotion.error ? null : (promotion()?.promotion?.cycle ?? null))
  return (
    <PageFrame
      title={`${capital(cycleWords(pair().after))} against ${cycleWords(pair().before)}`}
      failure={reply.error}
      onRetry={() => void refetch()}
      beside={
        <p class="actions">
          <A class="button" href={`/cycles/compare?before=${pair().after}&after=${pair().before}`}>
            The other way round
          </A>
          <A class="button" href="/cycles">
            All cycles
          </A>
        </p>
      }
    >
      <Show when={!may('train')}>
        <p>Cycles are compared and promoted by a trainer or a curator.</p>
      </Show>
      <Show when={reply.loading}>
        <p class="quiet" role="status">
          measuring both cycles on the same cases, by the truth as it stands now; this takes some seconds…
        </p>
      </Show>
      <Show when={!reply.error && reply()?.comparison}>
        {known => (
          <>
            <Show when={known().warnings.length > 0}>
              <section class="card">
                <h2>Warnings</h2>
                <ul>
                  <For each={known().warnings}>{warning => <li class="warning">{warning}</li>}</For>
                </ul>
              </section>
            </Show>
            <CycleGates comparison={known()} promoted={promoted()} onMoved={mutate} />
            <Differences comparison={known()} />
            <Corrections comparison={known()} />
            <CompareFlips flips={known().flips} counts={known().flipCounts} />
          </>
        )}
      </Show>
    </PageFrame>
  )
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

function Differences(props: { comparison: Comparison }): JSX.Element {
  const sides = () =>
    props.comparison.sides.filter(({ side }) => props.comparison.measures.some(m => m.side === side))
  const main = (side: string) =>
    props.comparison.measures.filter(
      each => each.side === side && each.name === mainMeasure(each.head) && each.difference.value !== null,
    )
  /** The same scale on every side, so that they compare. */
  const reach = () =>
    Math.max(
      0.1,
      ...props.comparison.measures.flatMap(({ difference: { value, low, high } }) =>
        [value, low, high].map(each => Math.ceil(Math.abs(each ?? 0) * 10) / 10),
      ),
    )
  return (
    <>
      <div class="plots">
        <For each={sides().filter(({ side }) => main(side).length > 0)}>
          {({ side }) => (
            <PlotFigure
              words={`Difference, ${SIDE_WORDS[side]}`}
              draw={(plots, theme) =>
                plots.intervalPlot(
                  main(side).map(({ head, difference: { value, low, high } }) => ({
                    name: headWords(head),
                    value: value ?? 0,
                    low,
                    high,
                    strong: head === 'flag',
                  })),
                  {
                    theme,
                    title: `Difference, ${SIDE_WORDS[side]}`,
                    label: 'after − before: AUC of COVID, average precision of lesions',
                    mark: 0,
                    domain: [-reach(), reach()],
                  },
                )
              }
            />
          )}
        </For>
      </div>
      <For each={sides()}>
        {({ side, words }) => (
          <section class="card">
            <h2>Measures, {SIDE_WORDS[side]}</h2>
            <p class="quiet">{words}</p>
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">of</th>
                  <th scope="col">measure</th>
                  <th scope="col" class="number">
                    before
                  </th>
                  <th scope="col" class="number">
                    after
                  </th>
                  <th scope="col">difference (95 %, paired)</th>
                  <th scope="col">verdict</th>
                </tr>
              </thead>
              <tbody>
                <For each={props.comparison.measures.filter(each => each.side === side)}>
                  {measure => <MeasureLine measure={measure} />}
                </For>
              </tbody>
            </table>
          </section>
        )}
      </For>
    </>
  )
}

function MeasureLine(props: { measure: ComparedMeasure }): JSX.Element {
  const value = (of: 'before' | 'after') => props.measure[of].value?.toFixed(3) ?? 'n/a'
  return (
    <tr>
      <th scope="row">
        {headWords(props.measure.head)}
        <span class="quiet under">
          {props.measure.after.n} cases, {props.measure.after.positives} positive
        </span>
      </th>
      <td>{MEASURE_WORDS[props.measure.name]}</td>
      <td class="number">{value('before')}</td>
      <td class="number">{value('after')}</td>
      <td>{differenceWords(props.measure.difference)}</td>
      <td data-verdict={props.measure.verdict}>{VERDICT_WORDS[props.measure.verdict]}</td>
    </tr>
  )
}

function Corrections(props: { comparison: Comparison }): JSX.Element {
  return (
    <section class="card">
      <h2>What was corrected in between</h2>
      <p class="quiet">
        Labels that contradicted what was mined, by cause and head, and what became of that head. They came
        together: the change is not proved to be theirs alone.
      </p>
      <Show
        when={props.comparison.corrections.length > 0}
        fallback={<p>No label was corrected between these two cycles.</p>}
      >
        <table class="table">
          <thead>
            <tr>
              <th scope="col">cause</th>
              <th scope="col">of</th>
              <th scope="col" class="number">
                cases
              </th>
              <th scope="col">change of that head</th>
            </tr>
          </thead>
          <tbody>
            <For each={props.comparison.corrections}>
              {group => (
                <tr>
                  <th scope="row">{group.cause === 'none' ? 'no cause given' : group.cause}</th>
                  <td>{headWords(group.head)}</td>
                  <td class="number">{group.count}</td>
                  <td>
                    {group.change
                      ? `${MEASURE_WORDS[group.change.name]}, ${SIDE_WORDS[group.change.side]}: ${differenceWords(group.change.difference)}`
                      : 'n/a'}
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
    </section>
  )
}
