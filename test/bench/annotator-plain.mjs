/**
 * What the machine itself takes, for the bench to compare with: node:http and nothing else. GET /BYTES answers with so
 * many bytes; a POST is appended to a file and answered after fsync.
 */
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

const file = await open(join(process.argv[2], 'plain.jsonl'), 'a')
let turn = Promise.resolve()
const server = createServer((incoming, outgoing) => {
  const chunks = []
  incoming.on('data', chunk => chunks.push(chunk))
  incoming.on('end', () => {
    const answer = bytes => {
      outgoing.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length })
      outgoing.end(bytes)
    }
    if (incoming.method === 'GET') return answer(Buffer.alloc(Number(incoming.url.slice(1)), 32))
    turn = turn.then(async () => {
      await file.write(Buffer.concat([...chunks, Buffer.from('\n')]))
      await file.sync()
      answer(Buffer.alloc(2000, 32))
    })
  })
})
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })),
)
process.on('SIGTERM', () => process.exit(0))
