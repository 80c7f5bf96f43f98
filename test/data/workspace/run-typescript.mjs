// Runs a TypeScript program of the tests in a process of its own: `node run-typescript.mjs PROGRAM.ts ARGUMENTS…`.
// Node 20 can't strip types itself; the compiler that Vite brings along does it, a file at a time as it is loaded.
import { register } from 'node:module'
import { pathToFileURL } from 'node:url'

const [program, ...rest] = process.argv.slice(2)
process.argv.splice(1, process.argv.length, program, ...rest)
register('./typescript-hooks.mjs', import.meta.url)
await import(pathToFileURL(program).href)
