import { readSafetensors } from '../weights/safetensors.ts'

/**
 * Whether a checkpoint holds heads on frozen features or a whole fine-tuned network; `heads` where it says neither, so
 * that its reader says what is wrong with it. @throws LesionloopError `weights-missing`, `weights-damaged`.
 */
export async function checkpointKind(path: string): Promise<'heads' | 'network'> {
  const { metadata } = await readSafetensors(path)
  try {
    const { format } = JSON.parse(metadata['lesionloop'] ?? '{}') as { format?: unknown }
    return format === 'lesionloop-network-1' ? 'network' : 'heads'
  } catch {
    return 'heads'
  }
}
