import { probeGpu } from './cuda.ts'
import { backendLayout, readInstallation } from './install/layout.ts'
import { resolveAddon } from './install/resolve-addon.ts'

/**
 * Whether training here would run on a GPU: its backend is installed, a driver answers and shows a device. Asked
 * without TensorFlow, so that nothing is held on the card.
 */
export function gpuHere(): { gpu: boolean; words: string } {
  const layout = backendLayout('gpu')
  const found = readInstallation(layout)
  if (resolveAddon('gpu') === null && (found === null || typeof found === 'string'))
    return { gpu: false, words: 'no GPU: its backend is not installed (`lesionloop backend install gpu`)' }
  const { devices, obstacles } = probeGpu(layout)
  if (obstacles.length > 0) return { gpu: false, words: `no GPU: ${obstacles.join('; ')}` }
  return { gpu: true, words: `GPU: ${devices.map(({ name }) => name).join(', ') || 'found'}` }
}
