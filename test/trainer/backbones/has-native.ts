import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'

/** Whether the native backend runs here; says in one line where it does not. */
export async function hasNative(): Promise<boolean> {
  try {
    await chooseBackend('native')
    return true
  } catch (error) {
    console.warn(`${(error as Error).message} (skipped on native)`)
    return false
  }
}
