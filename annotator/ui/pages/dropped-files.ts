/** A file with its place in the folder it came in ("set/images/a.png"): rows of tables name their pictures by it. */
export interface ChosenFile {
  file: File
  path: string
}

/** The files chosen by a file input, those of a folder with their place in it. */
export const chosenFiles = (list: FileList | null): ChosenFile[] =>
  [...(list ?? [])].flatMap(file => {
    const path = file.webkitRelativePath || file.name
    return isHidden(path) ? [] : [{ file, path }]
  })

const isHidden = (path: string) => path.split('/').some(part => part.startsWith('.'))

/** The files of a drop, those inside dropped folders too; hidden files are left out. */
export async function droppedFiles(transfer: DataTransfer): Promise<ChosenFile[]> {
  const entries = [...transfer.items].flatMap(item => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return [...transfer.files].map(file => ({ file, path: file.name }))
  const files: ChosenFile[] = []
  for (const entry of entries) await collect(entry, files)
  return files
}

async function collect(entry: FileSystemEntry, into: ChosenFile[]): Promise<void> {
  if (entry.name.startsWith('.')) return
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    into.push({ file, path: entry.fullPath.replace(/^\//, '') })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return
    for (const inner of some) await collect(inner, into)
  }
}
