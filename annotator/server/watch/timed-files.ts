import type { FileOperations } from '../../../data/workspace/files.ts'

/** The same file operations, each fsync of a file timed in seconds. */
export function timedFiles(files: FileOperations, synced: (seconds: number) => void): FileOperations {
  return {
    ...files,
    async open(path, flags) {
      const file = await files.open(path, flags)
      return {
        ...file,
        async sync() {
          const started = performance.now()
          await file.sync()
          synced((performance.now() - started) / 1000)
        },
      }
    },
  }
}
