import { For, type JSX, Show } from 'solid-js'
import { HEADS, type Head } from '../../../data/records/vocabulary.ts'
import type { AgreementReply, HeadAgreement, SeenAgreement } from '../../server/replies.ts'
import { nameOf } from '../shell/session.ts'

const two = (value: number) => value.toFixed(2)
const percent = (value: number) => `${Math.round(100 * value)} %`

/** Kappa by head for each pair, for all, and for each reader with themselves; n/a where none can be had. */
export function AgreementTables(props: { reply: AgreementReply }): JSX.Element {
  const rows = () => [
    ...props.reply.pairs.map(pair => ({
      name: pair.people.map(nameOf).join(' and '),
      kind: 'Cohen',
      heads: pair.heads,
    })),
    ...(props.reply.all
      ? [{ name: `all ${props.reply.all.people.length}`, kind: 'Fleiss', heads: props.reply.all.heads }]
      : []),
    ...props.reply.self.map(self => ({
      name: `${nameOf(self.who)}, first and again`,
      kind: 'Cohen',
      heads: self.heads,
    })),
  ]
  const hasHidden = () => HEADS.some(head => props.reply.anchoring[head].hidden.cases > 0)
  return (
    <>
      <section class="card">
        <h2>Agreement of readers</h2>
        <Show
          when={rows().length > 0}
          fallback={
            <p class="quiet">
              n/a: no case has been read twice yet. Hand out cases with overlap on the page People.
            </p>
          }
        >
          <p class="quiet">
            Kappa with its 95 % interval over patients, of first readings only; n is the cases that both
            assessed.
          </p>
          <HeadTable
            caption="readers"
            rows={rows().map(row => ({
              name: row.name,
              under: row.kind,
              cell: head => <KappaCell of={row.heads[head]} />,
            }))}
          />
        </Show>
      </section>
      <section class="card">
        <h2>Does the proposal pull?</h2>
        <p class="quiet">
          How often a first reading says what the text says. Cases read without seeing it are the control:
          where the first share is much higher, readers follow the proposal.
        </p>
        <HeadTable
          caption="proposal"
          rows={[
            { name: 'shown', cell: head => <SeenCell of={props.reply.anchoring[head].shown} /> },
            { name: 'hidden', cell: head => <SeenCell of={props.reply.anchoring[head].hidden} /> },
          ]}
        />
        <Show when={!hasHidden()}>
          <p class="quiet">No case has been read blind yet: set a share on the page People.</p>
        </Show>
      </section>
    </>
  )
}

function HeadTable(props: {
  caption: string
  rows: { name: string; under?: string; cell: (head: Head) => JSX.Element }[]
}): JSX.Element {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{props.caption}</th>
          <For each={HEADS}>
            {head => (
              <th scope="col" data-head={head}>
                <span class="row-name">{head === 'flag' ? 'COVID' : head}</span>
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody>
        <For each={props.rows}>
          {row => (
            <tr>
              <th scope="row">
                {row.name}
                <Show when={row.under}>
                  <span class="under quiet">{row.under}</span>
                </Show>
              </th>
              <For each={HEADS}>{head => <td>{row.cell(head)}</td>}</For>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  )
}

function KappaCell(props: { of: HeadAgreement }): JSX.Element {
  return (
    <Show when={props.of.items > 0} fallback={<span class="quiet">n/a</span>}>
      {props.of.value === null ? 'n/a' : two(props.of.value)}
      <span class="under interval">
        {props.of.low === null || props.of.high === null
          ? ''
          : `${two(props.of.low)} to ${two(props.of.high)}, `}
        n {props.of.items}
      </span>
      <Show when={props.of.value === null && props.of.observed !== null}>
        <span class="under interval">all said the same</span>
      </Show>
    </Show>
  )
}

function SeenCell(props: { of: SeenAgreement }): JSX.Element {
  return (
    <Show when={props.of.share !== null} fallback={<span class="quiet">n/a</span>}>
      {percent(props.of.share ?? 0)}
      <span class="under interval">
        {percent(props.of.low ?? 0)} to {percent(props.of.high ?? 0)}, n {props.of.cases}
      </span>
    </Show>
  )
}
