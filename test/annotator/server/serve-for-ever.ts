import { writeSync } from 'node:fs'
import { startServer } from '../../../annotator/server/start.ts'

// Serves a workspace on a free port until it is told to stop; says its address and its owner's link in a line of JSON.
const [dir] = process.argv.slice(2)
const server = await startServer({ workspace: dir! })
writeSync(1, `${JSON.stringify({ url: server.url, loginLink: server.loginLink })}\n`)
await new Promise<void>(resolve => process.once('SIGTERM', () => resolve()))
await server.close()
process.exit(0)
