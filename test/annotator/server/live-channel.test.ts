import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LiveChannel, type LiveMessage } from '../../../annotator/server/live-channel.ts'

const act = (seq: number): LiveMessage => ({
  type: 'act',
  case: `case\n${seq}`,
  seq,
  who: 'ann',
  kind: 'label',
  version: 1,
})

describe('the live channel', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('hands the same bytes to all open pages, what comes within a moment together and in order', () => {
    const live = new LiveChannel()
    const one: Uint8Array[] = []
    const two: Uint8Array[] = []
    live.listenBytes(bytes => one.push(bytes))
    live.listenBytes(bytes => two.push(bytes))
    for (let seq = 1; seq <= 3; seq++) live.tell(act(seq))
    expect(one).toEqual([])
    vi.runAllTimers()
    expect(one).toHaveLength(1)
    expect(two[0]).toBe(one[0])
    const events = new TextDecoder().decode(one[0]).split('\n\n').slice(0, -1)
    expect(events).toEqual([1, 2, 3].map(seq => `event: act\ndata: ${JSON.stringify(act(seq))}`))
  })

  test('tells who comes later nothing of what was before, and who left nothing more', () => {
    const live = new LiveChannel()
    const told: string[] = []
    const listen = (name: string) => live.listenBytes(() => told.push(name))
    const leave = listen('first')
    live.tell(act(1))
    listen('second')
    expect(told).toEqual(['first'])
    leave()
    live.tell(act(2))
    vi.runAllTimers()
    expect(told).toEqual(['first', 'second'])
  })

  test('tells listeners of single messages at once', () => {
    const live = new LiveChannel()
    const told: LiveMessage[] = []
    live.listen(message => told.push(message))
    live.tell(act(1))
    expect(told).toEqual([act(1)])
  })
})
