import { type FileOperations, nodeFiles, type OpenFile } from '../../../data/workspace/files.ts'

type Operation =
  | 'open'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'syncFolder'
  | 'copy'
  | 'makeFolder'

/** What goes wrong at an operation: throws to fail it; of a `write` may give back how many of its bytes are taken. */
export type Fault = (operation: Operation, path: string, bytes?: number) => unknown

/** The real file operations with faults put in at the seam. */
export function faultyFiles(fault: Fault, under: FileOperations = nodeFiles): FileOperations {
  const wrap = (file: OpenFile, path: string): OpenFile => ({
    async write(bytes) {
      const taken = fault('write', path, bytes.length)
      return file.write(typeof taken === 'number' ? bytes.subarray(0, taken) : bytes)
    },
    async sync() {
      fault('sync', path)
      await file.sync()
    },
    async truncate(size) {
      fault('truncate', path)
      await file.truncate(size)
    },
    size: () => file.size(),
    close: () => file.close(),
  })
  return {
    async open(path, flags) {
      fault('open', path)
      return wrap(await under.open(path, flags), path)
    },
    async rename(from, to) {
      fault('rename', to)
      await under.rename(from, to)
    },
    async remove(path) {
      fault('remove', path)
      await under.remove(path)
    },
    async makeFolder(path) {
      fault('makeFolder', path)
      await under.makeFolder(path)
    },
    async syncFolder(path) {
      fault('syncFolder', path)
      await under.syncFolder(path)
    },
    async copy(from, to) {
      fault('copy', to)
      await under.copy(from, to)
    },
  }
}

/** An error as the system throws it. */
export function systemError(code: 'ENOSPC' | 'EIO' | 'EACCES'): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}
