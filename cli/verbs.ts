import type { CommandDef } from 'citty'

type Load = () => Promise<{ default: CommandDef }>
type Verb = [about: string, load: Load]

/** The verbs by what they are for, a verb a line; each part is loaded only when its verb runs. */
export const VERB_GROUPS: Record<string, Record<string, Verb>> = {
  'documents in': {
    fetch: [
      'medrxiv|biorxiv  preprints by their servers’ details, to be mined',
      () => load(import('./fetch.ts')),
    ],
    mine: ['PATH…  figures, captions and labels of documents', () => load(import('./mine.ts'))],
    import: [
      'FORMAT PATH  a labelled dataset (covid-ct, label-studio, jsonl, csv, folder)',
      () => load(import('./import.ts')),
    ],
    screening: ['why each document is in or out', () => load(import('./screening.ts'))],
    label: [
      '[FILE]  flags, lesions and assertions of texts, a line each; - reads stdin',
      () => load(import('./label.ts')),
    ],
    figures: ['PDF…  figures, captions and panels of PDFs', () => load(import('./figures.ts'))],
    lexicon: ['test a changed lexicon over a corpus before it is taken', () => load(import('./lexicon.ts'))],
  },
  labels: {
    serve: ['open the annotator', () => load(import('./serve.ts'))],
    user: ['add, list, password, disable: who logs in with a password', () => load(import('./user.ts'))],
    rank: ['the pool in the order worth reading, to --out', () => load(import('./rank.ts'))],
    amend: [
      'mine corrected captions, cut drawn panels (the annotator starts it)',
      () => load(import('./amend.ts')),
    ],
    pages: ['DOCUMENT  pictures of its pages (the annotator starts it)', () => load(import('./pages.ts'))],
    live: ['diagnoses and heat maps over a pipe (the annotator starts it)', () => load(import('./live.ts'))],
  },
  model: {
    cycle: ['train, predict and rank, sealed in the workspace', () => load(import('./cycle.ts'))],
    cycles: ['the sealed cycles, their figures, which is promoted', () => load(import('./cycles.ts'))],
    compare: ['A B  two cycles on the same cases, with paired intervals', () => load(import('./compare.ts'))],
    promote: [
      '[CYCLE]  let a cycle speak for the model, if the gates let it',
      () => load(import('./promote.ts')),
    ],
    rollback: ['let the cycle before speak again', () => load(import('./rollback.ts'))],
    report: ['[CYCLE]  its report again: HTML, JSON, every plot', () => load(import('./report.ts'))],
    diagnose: [
      'IMAGE  what the model says of a picture (research use only)',
      () => load(import('./diagnose.ts')),
    ],
    train: ['train alone, the checkpoint to --out', () => load(import('./train.ts'))],
    predict: ['score the cases, to --out', () => load(import('./predict.ts'))],
    checkpoint: [
      'show FILE, onnx FILE OUT: what a fine-tuned network is; for other runtimes',
      () => load(import('./checkpoint.ts')),
    ],
    backend: ['install native|gpu, list, remove: faster backends', () => load(import('./backend.ts'))],
  },
  'dataset out': {
    check: [
      'as a reviewer would: leaks, conflicts, shortcuts, personal data',
      () => load(import('./check.ts')),
    ],
    duplicates: [
      'link pictures of one slice (cropped, rescaled, with arrows …)',
      () => load(import('./duplicates.ts')),
    ],
    split: ['a new split by patient, paper and doubles', () => load(import('./split.ts'))],
    export: [
      'FORMAT OUT  jsonl, csv, parquet, label-studio, coco, imagefolder, la-dnn',
      () => load(import('./export.ts')),
    ],
    dataset: [
      'freeze NAME, list, diff A B, verify NAME, describe: versions that never change',
      () => load(import('./dataset.ts')),
    ],
  },
  workspace: {
    demo: ['fill one with the demo corpus and a first cycle', () => load(import('./demo.ts'))],
    stats: ['counts by lesion, source, side and state', () => load(import('./stats.ts'))],
    doctor: [
      'what is installed, what backend runs, is the workspace sound; --repair mends',
      () => load(import('./doctor.ts')),
    ],
    backup: ['DIR  copy it, also while it is in use', () => load(import('./backup.ts'))],
    restore: ['DIR  put a backup back', () => load(import('./restore.ts'))],
    jobs: ['list, show, cancel, resume, workers: long work and who does it', () => load(import('./jobs.ts'))],
    worker: ['take jobs on this machine, where a database holds them', () => load(import('./worker.ts'))],
    files: [
      'push, pull, verify: pictures and documents on storage for all machines',
      () => load(import('./files.ts')),
    ],
    migrate: [
      '--to postgres://… or folder: its data into a database, or back',
      () => load(import('./migrate.ts')),
    ],
  },
}

export const VERBS: Record<string, Verb> = Object.assign({}, ...Object.values(VERB_GROUPS))

/** The list of verbs, as `lesionloop --help` shows it. */
export function verbList(): string[] {
  const width = Math.max(...Object.keys(VERBS).map(verb => verb.length))
  return Object.entries(VERB_GROUPS).flatMap(([group, verbs]) => [
    `${group}:`,
    ...Object.entries(verbs).map(([verb, [about]]) => `  ${verb.padEnd(width)}  ${about}`),
    '',
  ])
}

/** Verbs define their own arguments, so that their types differ; the runner needs the plain form only. */
async function load(module: Promise<{ default: unknown }>): Promise<{ default: CommandDef }> {
  return (await module) as { default: CommandDef }
}
