import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { appendDurably, type FileOperations, nodeFiles } from '../../data/workspace/files.ts'
import { type EventContent, encodeEvent, record } from './event.ts'

/** The curves of a run as TensorBoard reads them. */
export interface EventFile {
  path: string
  /** Adds points of curves at a step (an epoch); on the disk when this resolves. Numbers that are not finite are left out. */
  scalars(step: number, values: Readonly<Record<string, number | null | undefined>>): Promise<void>
}

/** What TensorFlow writes first, so that readers know the format. */
const VERSION = 'brain.Event:2'

/**
 * Opens a new event file in a run's folder: `tensorboard --logdir` on it, or on the folder above, shows the curves while
 * they grow. A run that goes on opens another one, and names with `fromStep` where it goes on: what was written at that
 * step and later, by the run that was broken off, is then no longer shown.
 * @param options.now seconds since 1970.
 */
export async function openEventFile(
  folder: string,
  {
    fromStep = 0,
    files = nodeFiles,
    now = () => Date.now() / 1000,
  }: { fromStep?: number; files?: FileOperations; now?: () => number } = {},
): Promise<EventFile> {
  const path = join(folder, await nextName(folder))
  const add = (step: number, content: EventContent) =>
    appendDurably(files, path, record(encodeEvent(now(), step, content)))
  await add(0, { fileVersion: VERSION })
  if (fromStep > 0) await add(fromStep, { start: true })
  return {
    path,
    async scalars(step, values) {
      const scalars = Object.fromEntries(
        Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
      )
      if (Object.keys(scalars).length > 0) await add(step, { scalars })
    },
  }
}

/** Readers take the files in the order of their names: a number, in place of TensorFlow's time and host. */
async function nextName(folder: string): Promise<string> {
  const there = await readdir(folder).catch(() => [] as string[])
  const numbers = there.map(name => Number(/^events\.out\.tfevents\.(\d+)\.lesionloop$/.exec(name)?.[1] ?? 0))
  return `events.out.tfevents.${String(Math.max(0, ...numbers) + 1).padStart(10, '0')}.lesionloop`
}
