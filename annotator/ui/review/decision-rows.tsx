import { For, type JSX, Show } from 'solid-js'
import {
  FLAG_LABELS,
  type FlagLabel,
  type Head,
  LESION_LABELS,
  LESION_NAMES,
  LESIONS,
  type LesionLabel,
} from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { type Draft, type DraftSource, isDecided } from './draft.ts'
import type { DraftDesk } from './draft-desk.ts'
import { disagrees, modelSays, saidWord } from './proposal.ts'

const SIGNS: Record<FlagLabel | LesionLabel, string> = {
  positive: '+',
  present: '+',
  negative: '−',
  absent: '−',
  uncertain: '?',
  'not-assessed': '∅',
}

const SOURCE_WORDS: Record<DraftSource, string> = {
  text: 'proposed from the caption',
  published: 'proposed from the dataset',
  model: 'proposed from the model',
  silent: 'proposed, since the text is silent',
  blind: 'nothing is proposed in a blind reading',
  label: 'as you saved it',
  person: 'decided, not yet saved',
}

const wordsOf = (value: string) => value.replace('-', ' ')

/** Flag and five lesions: what the text said, what the model says, and what the person decides. */
export function DecisionRows(props: { reply: CaseReply; draft: Draft; desk: DraftDesk }): JSX.Element {
  return (
    <fieldset class="rows">
      <legend class="hidden">Findings</legend>
      <div class="row row-head" aria-hidden="true">
        <span />
        <span />
        <span>text</span>
        <span>model</span>
        <span class="row-you">you</span>
      </div>
      <Row head="flag" key="c" name="COVID" long="COVID-19 flag" {...props} />
      <For each={LESIONS}>
        {(lesion, at) => (
          <Row head={lesion} key={String(at() + 1)} name={lesion} long={LESION_NAMES[lesion]} {...props} />
        )}
      </For>
    </fieldset>
  )
}

function Row(props: {
  head: Head
  key: string
  name: string
  long: string
  reply: CaseReply
  draft: Draft
  desk: DraftDesk
}): JSX.Element {
  const said = () => saidWord(props.reply.case, props.head)
  const model = () => (props.reply.opinion ? modelSays(props.reply.opinion, props.head) : null)
  const value = () => (props.head === 'flag' ? props.draft.flag : props.draft.lesions[props.head])
  const differs = () => disagrees(props.reply.case, props.reply.opinion, props.head)
  const choose = (next: FlagLabel | LesionLabel) => {
    if (props.head === 'flag') props.desk.setFlag(next as FlagLabel)
    else props.desk.setLesion(props.head, next as LesionLabel)
  }
  return (
    <div class="row" data-head={props.head} classList={{ asking: props.desk.asking() === props.head }}>
      <span class="row-name" title={props.long} id={`row-${props.head}`}>
        {props.name}
      </span>
      <kbd>{props.key}</kbd>
      <span class="row-said">
        <Show
          when={said()}
          fallback={
            <span
              class="quiet"
              title={props.reply.hidden.text ? 'shown after your decision' : 'the text is silent'}
            >
              –
            </span>
          }
        >
          {known => (
            <span class="said" data-said={known().word} title={`the ${known().by} says ${known().word}`}>
              {known().word}
              {known().by === 'dataset' ? '*' : ''}
            </span>
          )}
        </Show>
      </span>
      <span class="row-model">
        <Show
          when={model()}
          fallback={
            <span
              class="quiet"
              title={props.reply.hidden.model ? 'shown after your decision' : 'no model yet'}
            >
              –
            </span>
          }
        >
          {known => (
            <>
              <ProbabilityBar
                probability={known().probability}
                threshold={props.reply.opinion?.thresholds[props.head] ?? 0.5}
                name={props.name}
              />
              <span class="row-number">{known().probability.toFixed(2).replace(/^0/, '')}</span>
              <span class="row-differs" title={differs() ? 'text and model disagree' : undefined}>
                {differs() ? '≠' : ''}
              </span>
            </>
          )}
        </Show>
      </span>
      <div
        class="choice"
        classList={{ decided: isDecided(props.draft, props.head) }}
        role="radiogroup"
        aria-label={`${props.long}: ${wordsOf(value())}, ${SOURCE_WORDS[props.draft.source[props.head]]}`}
        title={SOURCE_WORDS[props.draft.source[props.head]]}
      >
        <For each={props.head === 'flag' ? FLAG_LABELS : LESION_LABELS}>
          {option => (
            <label class="option" title={wordsOf(option)}>
              <input
                type="radio"
                name={`choice-${props.head}`}
                value={option}
                checked={value() === option}
                aria-label={wordsOf(option)}
                onChange={() => choose(option)}
                onClick={() => {
                  // A press on the proposal as it stands decides it.
                  if (!isDecided(props.draft, props.head)) choose(option)
                }}
              />
              <span aria-hidden="true">{SIGNS[option]}</span>
            </label>
          )}
        </For>
      </div>
    </div>
  )
}

/** A thin bar from 0 to 1 with the operating threshold as a tick. */
function ProbabilityBar(props: { probability: number; threshold: number; name: string }): JSX.Element {
  return (
    <span
      class="probability"
      role="img"
      aria-label={`model: ${props.name} ${props.probability.toFixed(2)}, threshold ${props.threshold.toFixed(2)}`}
    >
      <span class="probability-fill" style={{ width: `${100 * props.probability}%` }} />
      <span class="probability-tick" style={{ left: `${100 * props.threshold}%` }} />
    </span>
  )
}
