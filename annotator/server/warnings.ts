const said = new Set<string>()

/** Tells whoever runs the server of a fault in the workspace's files, once; the work goes on without that file. */
export function warnOnce(message: string): void {
  if (said.has(message)) return
  said.add(message)
  console.error(`${new Date().toISOString()} ${message}`)
}
