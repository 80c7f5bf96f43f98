import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { LesionloopError } from '../data/errors.ts'

/**
 * A password from the terminal, typed twice and never shown, or, where stdin is asked for, its first line. Never an
 * argument: those stand in the shell's history and in the list of processes.
 * @throws LesionloopError `usage` where there is no terminal, `password-differs`, `cancelled` on Ctrl-C.
 */
export async function askPassword(options: { fromStdin: boolean }): Promise<string> {
  if (options.fromStdin) {
    const line = (await text(process.stdin)).split(/\r?\n/)[0] ?? ''
    if (line !== '') return line
    throw new LesionloopError('usage', 'password-stdin: nothing came in; send the password as one line')
  }
  if (!process.stdin.isTTY)
    throw new LesionloopError(
      'usage',
      'password: no terminal to ask on; send it as one line with --password-stdin',
    )
  const [first, again] = await askUnseen(['password: ', 'once more: '])
  if (first !== undefined && first === again) return first
  throw new LesionloopError('password-differs', 'password: the two differ; nothing was changed')
}

function askUnseen(questions: readonly string[]): Promise<string[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // As a terminal, readline takes the echo over, and its own echo goes nowhere: before the first question is asked, and
  // until the last is answered.
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const answers: string[] = []
  const ask = () => process.stderr.write(questions[answers.length] ?? '')
  return new Promise((resolve, reject) => {
    reader.on('line', line => {
      process.stderr.write('\n')
      answers.push(line)
      if (answers.length === questions.length) reader.close()
      else ask()
    })
    reader.on('SIGINT', () => reader.close())
    reader.on('close', () => {
      if (answers.length === questions.length) return resolve(answers)
      process.stderr.write('\n')
      reject(new LesionloopError('cancelled', 'password: stopped; nothing was changed'))
    })
    ask()
  })
}
