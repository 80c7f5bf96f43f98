import { join } from 'node:path'
import { z } from 'zod'
import type { LoginLink, Session } from '../records/people.ts'
import { readJsonIfThere, writeJson } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'
import type { SessionStore } from './store.ts'

const fileSchema = z.object({
  sessions: z.record(
    z.string(),
    z.object({ account: z.string(), owner: z.boolean(), createdAt: z.string(), expiresAt: z.string() }),
  ),
  links: z.record(z.string(), z.object({ account: z.string().nullable(), expiresAt: z.string() })),
})

export const sessionFile = (workspace: Pick<Workspace, 'dir'>): string => join(workspace.dir, 'sessions.json')

/** Sessions and links as sessions.json holds them, by hash; undefined where there is no such file. */
export const readSessions = (workspace: Pick<Workspace, 'dir'>) =>
  readJsonIfThere(sessionFile(workspace), fileSchema)

/** Sessions and links in sessions.json: held in memory by the server, which alone writes them. */
export function sessionStore(workspace: Workspace, now: () => Date): SessionStore {
  const path = sessionFile(workspace)
  let kept: Promise<{ sessions: Map<string, Session>; links: Map<string, LoginLink> }> | undefined
  let writing: Promise<void> = Promise.resolve()

  const isOver = ({ expiresAt }: { expiresAt: string }) => !(Date.parse(expiresAt) > now().getTime())
  function read() {
    kept ??= readSessions(workspace).then(
      file => ({
        sessions: new Map(Object.entries(file?.sessions ?? {})),
        links: new Map(Object.entries(file?.links ?? {})),
      }),
      (error: unknown) => {
        kept = undefined
        throw error
      },
    )
    return kept
  }

  /** One write at a time; each writes what stands when its turn comes. */
  async function save(): Promise<void> {
    const { sessions, links } = await read()
    const write = () => {
      for (const each of [sessions, links]) for (const [hash, way] of each) if (isOver(way)) each.delete(hash)
      return writeJson(workspace.files, path, {
        sessions: Object.fromEntries(sessions),
        links: Object.fromEntries(links),
      })
    }
    const next = writing.then(write, write)
    writing = next.catch(() => undefined)
    return next
  }

  const living = <T extends { expiresAt: string }>(way: T | undefined) =>
    way && !isOver(way) ? way : undefined

  return {
    session: async hash => living((await read()).sessions.get(hash)),
    async begin(hash, session) {
      const { sessions } = await read()
      sessions.set(hash, session)
      await save()
    },
    async end(hash) {
      const { sessions } = await read()
      const was = sessions.delete(hash)
      if (was) await save()
      return was
    },
    link: async hash => living((await read()).links.get(hash)),
    async makeLink(hash, link) {
      const { links } = await read()
      links.set(hash, link)
      await save()
    },
    async takeLink(hash) {
      const { links } = await read()
      // Gone before anything is awaited.
      const link = living(links.get(hash))
      if (links.delete(hash)) await save()
      return link
    },
    async endAllOf(account) {
      const { sessions, links } = await read()
      for (const [hash, session] of sessions)
        if (session.account === account && !session.owner) sessions.delete(hash)
      for (const [hash, link] of links) if (link.account === account) links.delete(hash)
      await save()
    },
    async voidOwnerLinks() {
      const { links } = await read()
      for (const [hash, link] of links) if (link.account === null) links.delete(hash)
    },
  }
}
