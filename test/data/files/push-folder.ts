import { filesAddress } from '../../../data/files/files-address.ts'
import { pushFolder } from '../../../data/files/move-up.ts'
import { openObjects } from '../../../data/files/open-objects.ts'
import { SharedFiles } from '../../../data/files/shared-files.ts'
import { workspacePaths } from '../../../data/workspace/paths.ts'

// Puts a folder on a storage; says what came of it in a line of JSON.
const [folder = '', address = ''] = process.argv.slice(2)
const shared = new SharedFiles(workspacePaths(folder), await openObjects(filesAddress(address)))
console.log(JSON.stringify(await pushFolder(shared)))
shared.close()
