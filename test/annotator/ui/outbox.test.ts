import { describe, expect, it } from 'vitest'
import { memoryShelf } from '../../../annotator/ui/saving/drafts.ts'
import { type Answer, type Held, Outbox, type SavingState } from '../../../annotator/ui/saving/outbox.ts'
import type { Act, ActDraft, ActPayload } from '../../../data/records/act.ts'
import { caseState } from './cases.ts'

const note = (text: string): ActPayload => ({ kind: 'note', text })

/** A journal in memory that answers as the server does: versions, conflicts and repeated operations. */
function journal() {
  const acts: Act[] = []
  const sent: ActDraft[] = []
  let reached = true
  const write = (draft: ActDraft, who: string): Answer => {
    const known = acts.find(act => act.op === draft.op)
    const ofCase = acts.filter(act => act.case === draft.case)
    const state = (version: number) => caseState({ id: draft.case, version })
    if (known) return { kind: 'saved', act: known, state: state(ofCase.length) }
    if (draft.base !== ofCase.length)
      return { kind: 'conflict', state: state(ofCase.length), acts: ofCase.slice(draft.base) }
    const act: Act = {
      seq: acts.length + 1,
      op: draft.op,
      at: '',
      who,
      case: draft.case,
      base: draft.base,
      act: draft.act,
    }
    acts.push(act)
    return { kind: 'saved', act, state: state(ofCase.length + 1) }
  }
  return {
    acts,
    sent,
    write,
    reach: (on: boolean) => {
      reached = on
    },
    send: async (draft: ActDraft): Promise<Answer> => {
      sent.push(draft)
      return reached ? write(draft, 'me') : { kind: 'unreachable' }
    },
  }
}

function desk(send: (draft: ActDraft) => Promise<Answer>, shelf = memoryShelf()) {
  const seen: { state: SavingState; held: Held[] } = { state: { kind: 'saved' }, held: [] }
  const outbox = new Outbox({
    person: 'me',
    shelf,
    send,
    onSaved: () => undefined,
    onChange: (state, held) => {
      seen.state = state
      seen.held = held
    },
    backoff: () => 1,
  })
  return { outbox, seen, shelf }
}

const until = async (done: () => boolean) => {
  while (!done()) await new Promise(resolve => setTimeout(resolve, 1))
}

describe('decisions on their way', () => {
  it('go out one by one, in order, each based on what the one before left', async () => {
    const server = journal()
    const { outbox, seen } = desk(server.send)
    for (const text of ['one', 'two', 'three']) outbox.add('a', 0, note(text))
    await outbox.drained()
    expect(server.acts.map(act => [act.base, act.act])).toEqual([
      [0, note('one')],
      [1, note('two')],
      [2, note('three')],
    ])
    expect(seen.state).toEqual({ kind: 'saved' })
  })

  it('wait while the server is gone, say how many, and go out once when it is back', async () => {
    const server = journal()
    server.reach(false)
    const { outbox, seen } = desk(server.send)
    outbox.add('a', 0, note('one'))
    outbox.add('b', 0, note('two'))
    await until(() => seen.state.kind === 'waiting')
    expect(seen.state).toEqual({ kind: 'waiting', waiting: 2 })
    server.reach(true)
    await outbox.drained()
    expect(server.acts.map(act => act.case)).toEqual(['a', 'b'])
  })

  it('are on the shelf until they are on the disk, and a later visit takes them up', async () => {
    const server = journal()
    server.reach(false)
    const first = desk(server.send)
    first.outbox.add('a', 0, note('one'))
    first.outbox.add('a', 0, note('two'))
    await until(() => first.seen.state.kind === 'waiting')
    first.outbox.close()
    server.reach(true)
    const second = desk(server.send, first.shelf)
    expect(await second.outbox.restore()).toBe(2)
    await second.outbox.drained()
    expect(server.acts.map(act => act.act)).toEqual([note('one'), note('two')])
    expect(await first.shelf.all()).toEqual([])
  })

  it('an answer lost on the way is asked for again and counts once', async () => {
    const server = journal()
    let lose = true
    const { outbox } = desk(async draft => {
      const answer = await server.send(draft)
      if (!lose) return answer
      lose = false
      return { kind: 'unreachable' }
    })
    outbox.add('a', 0, note('one'))
    await outbox.drained()
    expect(server.acts).toHaveLength(1)
    expect(server.sent).toHaveLength(2)
  })

  it('of another person in the same browser are left alone', async () => {
    const server = journal()
    const shelf = memoryShelf()
    await shelf.put({ n: 1, op: 'other-op-1', by: 'somebody', case: 'a', base: 0, act: note('theirs') })
    const { outbox } = desk(server.send, shelf)
    expect(await outbox.restore()).toBe(0)
    expect(await shelf.all()).toHaveLength(1)
  })
})

describe('a conflict', () => {
  const withTheirs = () => {
    const server = journal()
    server.write({ op: 'their-op-1', case: 'a', base: 0, act: note('theirs') }, 'somebody')
    return { server, ...desk(server.send) }
  }

  it('holds that case and lets the others pass', async () => {
    const { server, outbox, seen } = withTheirs()
    outbox.add('a', 0, note('mine'))
    outbox.add('b', 0, note('other'))
    await outbox.drained()
    expect(server.acts.map(act => act.case)).toEqual(['a', 'b'])
    expect(seen.held[0]?.conflict?.acts[0]?.who).toBe('somebody')
    expect(seen.state).toMatchObject({ kind: 'failed', waiting: 1 })
  })

  it('settled as mine goes out on top of theirs, with what follows it', async () => {
    const { server, outbox, seen } = withTheirs()
    outbox.add('a', 0, note('mine'))
    outbox.add('a', 0, note('mine too'))
    await outbox.drained()
    outbox.settle('a', 'mine')
    await outbox.drained()
    expect(server.acts.map(act => act.base)).toEqual([0, 1, 2])
    expect(seen.state).toEqual({ kind: 'saved' })
  })

  it('settled as theirs drops mine', async () => {
    const { server, outbox, seen, shelf } = withTheirs()
    outbox.add('a', 0, note('mine'))
    await outbox.drained()
    outbox.settle('a', 'theirs')
    expect(seen.state).toEqual({ kind: 'saved' })
    expect(server.acts).toHaveLength(1)
    expect(await shelf.all()).toEqual([])
  })

  it('with one’s own acts only is none', async () => {
    const server = journal()
    server.write({ op: 'own-op-01', case: 'a', base: 0, act: note('from another tab') }, 'me')
    const { outbox, seen } = desk(server.send)
    outbox.add('a', 0, note('mine'))
    await outbox.drained()
    expect(server.acts).toHaveLength(2)
    expect(seen.held).toEqual([])
  })
})

describe('what the server refuses', () => {
  it('is held with its words, and tried again or dropped as the person says', async () => {
    const server = journal()
    let refuse = true
    const { outbox, seen } = desk(async draft =>
      refuse ? { kind: 'refused', message: 'act: not allowed' } : server.send(draft),
    )
    outbox.add('a', 0, note('mine'))
    await outbox.drained()
    expect(seen.state).toEqual({ kind: 'failed', waiting: 1, message: 'act: not allowed' })
    refuse = false
    outbox.settle('a', 'mine')
    await outbox.drained()
    expect(server.acts).toHaveLength(1)
  })

  it('because one is signed out waits for the next sign-in', async () => {
    const server = journal()
    let out = true
    const { outbox, seen } = desk(async draft => (out ? { kind: 'signed-out' } : server.send(draft)))
    outbox.add('a', 0, note('mine'))
    await until(() => seen.state.kind === 'failed')
    out = false
    outbox.retry()
    await outbox.drained()
    expect(server.acts).toHaveLength(1)
  })
})

describe('taking back what has not gone out', () => {
  it('takes a label together with its causes, and leaves what went before', async () => {
    const server = journal()
    server.reach(false)
    const { outbox, seen } = desk(server.send)
    outbox.add('a', 0, note('before'))
    await until(() => seen.state.kind === 'waiting')
    outbox.add('b', 0, note('a label'))
    outbox.add('b', 0, { kind: 'reason', head: 'GGO', cause: 'missed-term' })
    expect(outbox.withdrawLast()?.map(draft => draft.act.kind)).toEqual(['note', 'reason'])
    expect(outbox.waiting).toBe(1)
    outbox.close()
  })

  it('is nothing where nothing waits', () => {
    expect(desk(journal().send).outbox.withdrawLast()).toBeNull()
  })
})
