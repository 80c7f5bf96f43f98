/** `npm start`: installs and builds what is missing, fills the demo workspace once, then serves the annotator. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { install, root, run } from './ready.mjs'

install()
const { build } = await import('./build.mjs')
if (build({ ifStale: true })) console.error('built')

const cli = join(root, 'dist', 'cli.js')
const workspace = process.env.LESIONLOOP_WORKSPACE ?? join(process.env.INIT_CWD ?? root, 'workspace')
try {
  run(process.execPath, [cli, 'demo', '--workspace', workspace])
} catch (error) {
  console.error(
    'start: the demo workspace was not finished (see above); run npm start again to go on from there',
  )
  process.exit(error.status ?? 1)
}
const server = spawn(process.execPath, [cli, 'serve', '--workspace', workspace, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.on('exit', code => process.exit(code ?? 0))
