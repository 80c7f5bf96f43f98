import { A } from '@solidjs/router'
import { createEffect, createResource, For, type JSX, onCleanup, Show } from 'solid-js'
import { FINDINGS, HEADS, LESION_NAMES, LESIONS, TRUTH_SOURCES } from '../../../data/records/vocabulary.ts'
import { getAgreement, getLabelChanges, getStats, putSettings } from '../api/desk-api.ts'
import { countDoubles } from '../api/doubles-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'
import { may } from '../shell/session.ts'
import { AgreementTables } from './agreement-table.tsx'
import { PageFrame } from './page-frame.tsx'
import { PlotFigure } from './plot-figure.tsx'
import '../styles/people.css'

const percent = (part: number, whole: number) => (whole > 0 ? (100 * part) / whole : 0)

/** The dataset in numbers: by lesion and flag, by source of truth, by split, by person. */
export default function DatasetPage(): JSX.Element {
  const [stats, { refetch }] = createResource(getStats)
  const [agreement, { refetch: countAgain }] = createResource(getAgreement)
  createEffect(() => {
    if (agreement.error || !agreement.latest?.stale) return
    const again = setTimeout(() => void countAgain(), 1000)
    onCleanup(() => clearTimeout(again))
  })
  const [changes] = createResource(getLabelChanges)
  const [doubles] = createResource(countDoubles)
  return (
    <PageFrame title="Dataset" failure={stats.error} onRetry={() => void refetch()}>
      <Show when={stats()} fallback={<p class="quiet">counting…</p>}>
        {known => (
          <Show
            when={known().cases > 0}
            fallback={
              <p>
                No cases yet. <A href="/documents">Add documents</A>: every CT picture in them becomes a case.
              </p>
            }
          >
            <ul class="figures">
              <Figure number={known().cases} words="cases" />
              <Figure number={known().documents} words="documents" />
              <Figure number={known().labelled} words={`labelled of ${known().cases}`} />
              <Figure number={known().adjudicated} words="adjudicated" />
              <Figure number={known().disagreements} words="disagreements" />
              <Figure number={known().discuss} words="in discussion" />
              <Show when={!doubles.error && doubles.latest}>
                {found => <Figure number={found().cases} words="with a double" />}
              </Show>
            </ul>
            <Show when={known().goal}>
              {goal => (
                <section class="card">
                  <h2>
                    Goal: {known().labelled} of {goal()} labelled
                  </h2>
                  <progress
                    max={goal()}
                    value={known().labelled}
                    aria-label="labelled cases towards the goal"
                  />
                </section>
              )}
            </Show>
            <Show when={may('curate')}>
              <GoalForm goal={known().goal} onChanged={() => void refetch()} />
            </Show>
            <section class="card">
              <h2>What the cases teach</h2>
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col">finding</th>
                    <th scope="col" class="number">
                      yes
                    </th>
                    <th scope="col" class="number">
                      no
                    </th>
                    <th scope="col" class="number">
                      masked
                    </th>
                    <th scope="col">share of cases</th>
                    <th scope="col">from</th>
                  </tr>
                </thead>
                <tbody>
                  <For each={HEADS}>
                    {head => {
                      const truth = () => known().truth[head]
                      return (
                        <tr data-head={head}>
                          <th scope="row">
                            <span class="row-name">{head === 'flag' ? 'COVID' : head}</span>{' '}
                            <span class="quiet">{head === 'flag' ? 'flag' : LESION_NAMES[head]}</span>
                          </th>
                          <td class="number">{truth().positive}</td>
                          <td class="number">{truth().negative}</td>
                          <td class="number">{truth().masked}</td>
                          <td>
                            <span class="share" aria-hidden="true">
                              <span
                                class="share-yes"
                                style={{ width: `${percent(truth().positive, known().cases)}%` }}
                              />
                              <span
                                class="share-no"
                                style={{ width: `${percent(truth().negative, known().cases)}%` }}
                              />
                            </span>
                          </td>
                          <td>
                            {TRUTH_SOURCES.filter(source => truth().sources[source])
                              .map(source => `${source} ${truth().sources[source]}`)
                              .join(', ') || '–'}
                          </td>
                        </tr>
                      )
                    }}
                  </For>
                </tbody>
              </table>
            </section>
            <section class="card">
              <h2>What the captions say</h2>
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col">lesion</th>
                    <For each={FINDINGS}>
                      {finding => (
                        <th scope="col" class="number">
                          {finding}
                        </th>
                      )}
                    </For>
                  </tr>
                </thead>
                <tbody>
                  <For each={LESIONS}>
                    {lesion => (
                      <tr data-head={lesion}>
                        <th scope="row" class="row-name">
                          {lesion}
                        </th>
                        <For each={FINDINGS}>
                          {finding => <td class="number">{known().mined.lesions[lesion][finding] ?? 0}</td>}
                        </For>
                      </tr>
                    )}
                  </For>
                </tbody>
              </table>
            </section>
            <div class="cards">
              <Counts
                title="By state"
                counts={{
                  open: known().cases - known().labelled,
                  'labelled, not adjudicated': known().labelled - known().adjudicated,
                  adjudicated: known().adjudicated,
                }}
              />
              <Counts title="By source" counts={known().sources} />
              <Counts title="By side of the split" counts={known().sides} />
              <Counts title="By kind of picture" counts={known().kinds} />
              <Counts
                title="By person"
                counts={Object.fromEntries(known().byPerson.map(each => [each.name, each.labelled]))}
              />
            </div>
            <section class="card">
              <h2>Labels over time</h2>
              <Show
                when={!changes.error && changes()?.days.length}
                fallback={
                  <p class="quiet">
                    {changes.loading ? 'counting…' : 'No label yet: review the first case.'}
                  </p>
                }
              >
                <PlotFigure
                  words="labels by day: first ones, and on top of them those changed later"
                  draw={(plots, theme) => plots.labelChangesPlot(changes()?.days ?? [], { theme })}
                />
              </Show>
            </section>
            <Show when={!agreement.error} fallback={<p class="failure">{wordsOf(agreement.error)}</p>}>
              <Show when={agreement()}>{reply => <AgreementTables reply={reply()} />}</Show>
            </Show>
          </Show>
        )}
      </Show>
    </PageFrame>
  )
}

/** How many cases are to be labelled. */
function GoalForm(props: { goal: number | null; onChanged: () => void }): JSX.Element {
  let field!: HTMLInputElement
  return (
    <form
      class="form form-row"
      onSubmit={event => {
        event.preventDefault()
        const goal = field.valueAsNumber
        putSettings({ goal: Number.isInteger(goal) && goal > 0 ? goal : null }).then(props.onChanged, error =>
          tell(wordsOf(error), { bad: true }),
        )
      }}
    >
      <div>
        <label for="goal">Cases to have labelled (empty: no goal)</label>
        <input id="goal" ref={field} type="number" min="1" value={props.goal ?? ''} />
      </div>
      <button type="submit">Set the goal</button>
    </form>
  )
}

function Figure(props: { number: number; words: string }): JSX.Element {
  return (
    <li>
      <b>{props.number.toLocaleString('en')}</b> <span class="quiet">{props.words}</span>
    </li>
  )
}

function NoneYet(): JSX.Element {
  return (
    <div class="quiet">
      <dt>none yet</dt>
      <dd>0</dd>
    </div>
  )
}

function Counts(props: { title: string; counts: Record<string, number> }): JSX.Element {
  const rows = () => Object.entries(props.counts).sort((a, b) => b[1] - a[1])
  return (
    <section class="card">
      <h2>{props.title}</h2>
      <dl class="counts">
        <For each={rows()} fallback={<NoneYet />}>
          {([name, count]) => (
            <div>
              <dt>{name}</dt>
              <dd>{count.toLocaleString('en')}</dd>
            </div>
          )}
        </For>
      </dl>
    </section>
  )
}
