import { describe, expect, it } from 'vitest'
import { isOwnHost } from '../../../annotator/server/guard.ts'

describe('the name a request is addressed to', () => {
  const names = new Set(['reading-room.example'])

  it.each(['127.0.0.1:4040', 'localhost:4040', '[::1]:4040', '192.168.1.5', 'reading-room.example:80'])(
    'is ours: %s',
    host => {
      expect(isOwnHost(host, names)).toBe(true)
    },
  )

  it.each([
    'evil.example',
    'evil.example:4040',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'reading-room.example.evil.example',
    '',
    'a b',
    'localhost@evil.example',
  ])('is not ours: %j', host => {
    expect(isOwnHost(host, names)).toBe(false)
  })
})
