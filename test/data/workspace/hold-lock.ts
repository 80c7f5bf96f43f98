import { acquireLock } from '../../../data/workspace/locks.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'

const workspace = await openWorkspace(process.argv[2]!)
await acquireLock(workspace, 'cases')
process.stdout.write('held\n')
setTimeout(() => process.exit(0), 50)
