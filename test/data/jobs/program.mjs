// A job's program for the tests: does what its first arguments say, speaks the messages of cli/terminal.ts.
const [verb, ...rest] = process.argv.slice(2)
const send = message => process.send?.(message)
const progress = (done, more = {}) =>
  send({ type: 'progress', progress: { step: verb, done, total: 3, ...more } })
const end = status => {
  process.exitCode = status
  // Not disconnect(), which drops messages that still wait: the channel just no longer holds the process.
  process.channel?.unref()
}
console.error(`arguments: ${JSON.stringify([verb, ...rest])} job ${process.env.LESIONLOOP_JOB}`)
process.on('message', message => {
  if (message !== 'cancel' || verb === 'stubborn') return
  send({ type: 'error', error: { code: 'cancelled', message: 'stopped' } })
  process.exit(1)
})
const stop = () => {
  if (verb === 'stubborn') return
  send({ type: 'error', error: { code: 'cancelled', message: 'stopped' } })
  setTimeout(() => process.exit(1), 20)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

switch (verb) {
  case 'good':
    for (let i = 1; i <= 3; i++) progress(i, { point: { epoch: i, loss: 1 / i } })
    send({ type: 'result', result: { cases: 3 } })
    end(0)
    break
  case 'problems':
    progress(1, { problem: { item: 'a.pdf', code: 'pdf-broken', message: 'pdf: a.pdf: broken' } })
    end(1)
    break
  case 'bad':
    send({ type: 'error', error: { code: 'boom', message: 'it went wrong' } })
    end(1)
    break
  case 'silent':
    console.error('the last words')
    end(3)
    break
  case 'wordless':
    send({ type: 'error', error: { code: 'unexpected', message: '' } })
    end(1)
    break
  case 'throws':
    throw new RangeError('a number was too large')
  case 'hungry': {
    const held = []
    for (;;) held.push(new Array(1000).fill(Math.random()))
  }
  case 'missing':
    await import('./no-such-module.mjs')
    break
  case 'mute':
    end(4)
    break
  case 'killed':
    process.kill(process.pid, 'SIGKILL')
    break
  case 'flood':
    for (let i = 0; i < 10_000; i++)
      progress(i, { point: { epoch: i, loss: 0 }, problem: { item: `${i}`, code: 'x', message: 'x' } })
    end(1)
    break
  case 'wait':
  case 'stubborn':
    progress(1)
    setInterval(() => undefined, 1000)
    break
}
