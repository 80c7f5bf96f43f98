import { createSignal } from 'solid-js'
import type { Account } from '../../../data/records/people.ts'
import type { MeReply, Permission, SettingsReply } from '../../server/replies.ts'
import { getMe, getPeople, getSettings } from '../api/desk-api.ts'
import { startSaving } from '../saving/saving.ts'

const [me, setMe] = createSignal<MeReply | null>(null)
const [people, setPeople] = createSignal<readonly Account[]>([])

const [settings, setSettings] = createSignal<SettingsReply>({
  goal: null,
  showText: true,
  showModel: true,
  blindShare: 0,
  repeatShare: 0,
  repeatAfter: 1,
  lends: false,
})

export { me, people, setPeople, setSettings, settings }

/** Asks the server who is signed in, and takes up that person's unsaved decisions. */
export async function loadSession(): Promise<MeReply> {
  const reply = await getMe()
  if (reply.account) {
    await startSaving(reply.account.id)
    // Before the first case is shown, since they say what may be seen of it.
    setSettings(await getSettings())
    void getPeople().then(
      known => setPeople(known.people),
      () => {
        // Names are shown as ids until the next visit.
      },
    )
  }
  setMe(reply)
  return reply
}

/** The person signed in; only called where somebody is. */
export function myself(): Account {
  const account = me()?.account
  if (!account) throw new Error('session: nobody is signed in')
  return account
}

export function may(permission: Permission): boolean {
  return me()?.permissions.includes(permission) ?? false
}

export function nameOf(account: string): string {
  return people().find(person => person.id === account)?.name ?? account
}
