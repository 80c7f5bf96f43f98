/**
 * What the verbs of shards do, without any picture: three shards are planned; the second ends its process each time, as
 * a picture that no process outlives would. The verb itself answers with the shards that left something behind.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const args = process.argv.slice(2)
const after = name => args[args.indexOf(name) + 1]
const folder = join(after('--workspace'), 'features')
mkdirSync(folder, { recursive: true })
const answer = result => process.send({ type: 'result', result }, () => process.exit(0))

if (args.includes('--plan-shards')) answer({ of: 3, shards: [1, 2, 3], missing: 3 })
else if (args.includes('--shard')) {
  const shard = after('--shard').replace('/', '-of-')
  if (shard === '2-of-3') {
    writeFileSync(join(folder, `tried-${readdirSync(folder).length}`), '')
    process.kill(process.pid, 'SIGKILL')
  }
  const path = join(folder, shard)
  answer({ again: existsSync(path) })
  writeFileSync(path, '')
} else
  answer({
    cycle: '0001',
    shards: readdirSync(folder)
      .filter(name => name.includes('-of-'))
      .sort(),
  })
