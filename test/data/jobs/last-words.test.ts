import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lastWords, lastWordsOf } from '../../../data/jobs/last-words.ts'
import { temporaryFolder } from '../stores/sample.ts'

describe('the last words of a log', () => {
  test('are its last line where it names no error', () => {
    expect(lastWords('mining 1 of 3\nmining 2 of 3\n\n')).toBe('mining 2 of 3')
  })

  test('are the error, not the version that node prints behind it', () => {
    const log = [
      'node:internal/modules/cjs/loader:1210',
      '  throw err;',
      '  ^',
      '',
      "Error: Cannot find module '/a/b.mjs'",
      '    at Module._load (node:internal/modules/cjs/loader:1038:27) {',
      "  code: 'MODULE_NOT_FOUND',",
      '  requireStack: []',
      '}',
      '',
      'Node.js v20.20.2',
      '',
    ].join('\n')
    expect(lastWords(log)).toBe("Error: Cannot find module '/a/b.mjs'")
  })

  test('are V8’s own where the memory was full, not the stack behind them', () => {
    const log = [
      '<--- JS stacktrace --->',
      '',
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      '----- Native stack trace -----',
      '',
      ' 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]',
      '10: 0x195e476  [node]',
    ].join('\n')
    expect(lastWords(log)).toMatch(/^FATAL ERROR: Reached heap limit/)
  })

  test('are none where nothing was printed, or no log is there', async () => {
    expect(lastWords(' \n\n')).toBeUndefined()
    expect(await lastWordsOf(join(await temporaryFolder(), 'none.log'), 0)).toBeUndefined()
  })

  test('are not those of an earlier run in the same log', async () => {
    const log = join(await temporaryFolder(), 'log')
    await writeFile(log, 'Error: möglich\n')
    const before = Buffer.byteLength('Error: möglich\n')
    expect(await lastWordsOf(log, before)).toBeUndefined()
    await appendFile(log, 'went on\n')
    expect(await lastWordsOf(log, before)).toBe('went on')
  })
})
