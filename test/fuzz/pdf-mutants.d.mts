export interface Fuzzed {
  mutants: number
  read: number
  refused: Record<string, number>
  limits: string[]
  faults: string[]
  peakMb: number
  slowestS: number
}
export function fuzzPdfs(options: {
  mutants: number
  seed: number
  workers?: number
  timeLimit?: number
  memoryLimit?: number
  keep?: string
  small?: boolean
  onMutant?: (done: number, name: string) => void
}): Promise<Fuzzed>
