// Runs a TypeScript program of the tests in a process of its own: `node run-typescript.mjs PROGRAM.ts ARGUMENTS…`.
// Node 20 can't strip types itself; Vite, which is here for the page, loads modules for it.
import { createServer } from 'vite'

const [program, ...rest] = process.argv.slice(2)
process.argv.splice(1, process.argv.length, program, ...rest)
const server = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
})
try {
  await server.ssrLoadModule(program)
} finally {
  await server.close()
}
