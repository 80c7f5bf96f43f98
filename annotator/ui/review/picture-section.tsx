import { type JSX, Show } from 'solid-js'
import type { CaseReply } from '../../server/replies.ts'
import type { DoubleRow } from '../../server/routes/doubles.ts'
import { HeatControls, HeatLayer } from './heat-map.tsx'
import type { Look } from './look.ts'
import type { PictureDesk } from './picture-desk.ts'
import type { Review } from './review-state.ts'
import { SiblingStrip } from './sibling-strip.tsx'
import { Viewport } from './viewport.tsx'

/** The slice, a panel of its figure beside it where one is compared, and the strip of the figure's panels. */
export function PictureSection(props: {
  review: Review
  reply: CaseReply
  picture: PictureDesk
  doubles: readonly DoubleRow[]
  onPage: () => void
  onDoubles: () => void
}): JSX.Element {
  // Parts of the desk that stay the same as long as the page is open.
  const { look, heat, compared, figureShown, drawing, setDrawing, setViewport, showFigure } = props.picture
  return (
    <section class="picture" aria-label="Picture">
      <div class="viewports">
        <Show when={compared(-1)}>{before => <Compared panel={before()} look={look} words="before" />}</Show>
        <Viewport
          file={
            (figureShown() ? props.reply.case.figureImage?.file : undefined) ?? props.reply.case.imageFile
          }
          size={props.reply.case}
          look={look}
          hounsfield={figureShown() ? undefined : props.reply.case.hounsfield}
          boxes={props.review.drafts.draft()?.boxes ?? []}
          drawing={drawing()}
          onBox={box => {
            setDrawing(null)
            props.review.drafts.addBox(box)
          }}
          overlay={
            <Show when={!figureShown() && heat.png()}>
              {png => <HeatLayer png={png()} opacity={heat.opacity()} />}
            </Show>
          }
          words={`CT slice of case ${props.reply.case.id}`}
          controls={setViewport}
        >
          <HeatControls heat={heat} />
          <Show when={compared(-1) ?? compared(1)}>
            <p class="viewport-name">{props.reply.case.panel ?? 'now'}</p>
          </Show>
        </Viewport>
        <Show when={compared(1)}>{after => <Compared panel={after()} look={look} words="after" />}</Show>
      </div>
      <SiblingStrip
        reply={props.reply}
        figureShown={figureShown()}
        onShow={id => void props.review.show(id)}
        onFigure={showFigure}
        onPage={props.onPage}
        doubles={props.doubles}
        onDoubles={props.onDoubles}
      />
    </section>
  )
}

/** A sibling beside the case looked at, at the same place and in the same tone. */
function Compared(props: {
  panel: CaseReply['siblings'][number]
  look: Look
  words: 'before' | 'after'
}): JSX.Element {
  return (
    <Viewport
      file={props.panel.imageFile}
      hounsfield={props.panel.hounsfield}
      size={props.panel}
      look={props.look}
      words={`the panel ${props.words}: ${props.panel.panel ?? 'without a letter'}`}
    >
      <p class="viewport-name">{props.panel.panel ?? props.words}</p>
    </Viewport>
  )
}
