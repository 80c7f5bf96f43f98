import { hc } from 'hono/client'
import type { AppType } from '../../server/app.ts'
import type { GiftReply } from '../../server/routes/diagnose.ts'
import { answer } from './refusal.ts'

const { api } = hc<AppType>('/')

/** Gives a picture to the pool: its bytes once more, with what is to be blacked out and the consent's wording. */
export async function givePicture(
  file: File,
  boxes: { x: number; y: number; width: number; height: number }[],
  wording: number,
): Promise<GiftReply> {
  const json = { picture: await base64Of(file), name: file.name.slice(0, 200), boxes, wording }
  return answer<GiftReply>(
    api.diagnose.give.$post({ json: { ...json, looked: true as const, agreed: true as const } }),
  )
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    // Behind the comma of data:…;base64,
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error(`file: ${file.name}: can't be read`))
    reader.readAsDataURL(file)
  })
}
