/** A Python with PyTorch to race against: one that is given, else an environment of our own in the user's cache. */
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const WANTED = ['torch', 'torchvision', 'timm']
const answers = python => {
  try {
    execFileSync(python, ['-c', `import ${WANTED.join(', ')}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * @param given a Python that has PyTorch; else LESIONLOOP_PYTHON is asked, then the environment is made with pip, whose
 * own configuration says where from. Removing the folder removes all of it.
 */
export function pythonWithTorch(given = process.env.LESIONLOOP_PYTHON, cache = '.cache') {
  if (given) {
    if (answers(given)) return given
    throw new Error(`bench: ${given}: a Python with ${WANTED.join(', ')} was expected`)
  }
  const folder = join(cache, 'bench-pytorch')
  const python = join(folder, 'bin', 'python')
  if (existsSync(python) && answers(python)) return python
  console.error(`bench: making an environment with PyTorch in ${folder}, once (about 1 GB, some minutes)`)
  rmSync(folder, { recursive: true, force: true })
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
  // The CPU's build where its index can be reached; the usual one does as well and is larger.
  const pip = extra =>
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...extra], { stdio: ['ignore', 2, 2] })
  try {
    pip(['torch', 'torchvision', '--index-url', 'https://download.pytorch.org/whl/cpu', '--retries', '0'])
  } catch {
    console.error("bench: PyTorch's own index was not reached; taking the package from pip's")
  }
  pip(WANTED)
  if (!answers(python)) throw new Error(`bench: ${folder}: PyTorch was installed and does not load`)
  return python
}
