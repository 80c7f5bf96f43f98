#!/usr/bin/env node
import type { CommandDef } from 'citty'
import { packageVersion } from './data/workspace/package-root.ts'

type Load = () => Promise<{ default: CommandDef }>

/** A verb a line; each part is loaded only when its verb runs. */
const VERBS: Record<string, [about: string, load: Load]> = {
  demo: ['fill a workspace with the demo corpus and a first cycle', () => load(import('./cli/demo.ts'))],
  fetch: [
    'medrxiv|biorxiv  fetch preprints by their servers’ details, to be mined',
    () => load(import('./cli/fetch.ts')),
  ],
  mine: [
    'PATH…  mine figures, captions and labels from documents into the workspace',
    () => load(import('./cli/mine.ts')),
  ],
  screening: [
    'why each document is in or out; the count from the search to the cases',
    () => load(import('./cli/screening.ts')),
  ],
  amend: [
    'mine the captions that people corrected, cut the panels they drew',
    () => load(import('./cli/amend.ts')),
  ],
  pages: [
    'DOCUMENT  draw the pages its figures stand on, for the annotator',
    () => load(import('./cli/pages.ts')),
  ],
  label: [
    '[FILE]  flags, lesions and assertions of texts, a line each; - reads stdin',
    () => load(import('./cli/label.ts')),
  ],
  figures: ['PDF…  figures, captions and panels of PDFs', () => load(import('./cli/figures.ts'))],
  import: [
    'FORMAT PATH  take in a labelled dataset (covid-ct, jsonl, csv)',
    () => load(import('./cli/import.ts')),
  ],
  serve: ['open the annotator', () => load(import('./cli/serve.ts'))],
  user: [
    'add, list, password, disable: the people who log in with a password',
    () => load(import('./cli/user.ts')),
  ],
  train: ['train the heads, write the checkpoint to --out', () => load(import('./cli/train.ts'))],
  predict: ['score the cases, write predictions to --out', () => load(import('./cli/predict.ts'))],
  rank: ['order the pool for review, write the queue to --out', () => load(import('./cli/rank.ts'))],
  cycle: ['train, predict and rank, sealed in the workspace', () => load(import('./cli/cycle.ts'))],
  cycles: [
    'list the sealed cycles, their figures and which is promoted',
    () => load(import('./cli/cycles.ts')),
  ],
  compare: [
    'A B  two cycles on the same cases, with paired intervals',
    () => load(import('./cli/compare.ts')),
  ],
  promote: [
    '[CYCLE]  let a cycle speak for the model, if the gates let it',
    () => load(import('./cli/promote.ts')),
  ],
  rollback: ['let the cycle before speak for the model again', () => load(import('./cli/rollback.ts'))],
  report: [
    '[CYCLE]  the report of a sealed cycle again: HTML, JSON, every plot as SVG and PNG',
    () => load(import('./cli/report.ts')),
  ],
  diagnose: [
    'IMAGE  what the newest model says of a picture (research use only)',
    () => load(import('./cli/diagnose.ts')),
  ],
  live: [
    'answers the annotator’s diagnoses and heat maps over a pipe; the server starts it',
    () => load(import('./cli/live.ts')),
  ],
  checkpoint: [
    'show FILE, onnx FILE OUT: what a fine-tuned network is; the same for other runtimes',
    () => load(import('./cli/checkpoint.ts')),
  ],
  export: [
    'FORMAT OUT  hand the labels on (jsonl, csv, parquet, label-studio, coco, imagefolder, la-dnn)',
    () => load(import('./cli/export.ts')),
  ],
  dataset: [
    'freeze NAME, list, diff A B, verify NAME: versions that never change',
    () => load(import('./cli/dataset.ts')),
  ],
  check: [
    'judge the dataset as a reviewer would: leaks, conflicts, shortcuts, personal data',
    () => load(import('./cli/check.ts')),
  ],
  split: [
    'make a new split by patient, paper and doubles, stratified over flag and lesions',
    () => load(import('./cli/split.ts')),
  ],
  duplicates: [
    'link pictures of one slice (cropped, rescaled, with arrows …)',
    () => load(import('./cli/duplicates.ts')),
  ],
  stats: ['counts by lesion, source, side and state', () => load(import('./cli/stats.ts'))],
  lexicon: [
    'test a changed lexicon over a corpus before it is taken',
    () => load(import('./cli/lexicon.ts')),
  ],
  backend: [
    'install native|gpu, list, remove: the faster backends of the trainer',
    () => load(import('./cli/backend.ts')),
  ],
  backup: ['DIR  copy the workspace, also while it is in use', () => load(import('./cli/backup.ts'))],
  restore: ['DIR  put a backup back as a workspace', () => load(import('./cli/restore.ts'))],
  migrate: [
    'move the workspace’s data to PostgreSQL (--to postgres://…) or back (--to folder)',
    () => load(import('./cli/migrate.ts')),
  ],
  doctor: [
    'what is installed, what backend runs, is the workspace sound',
    () => load(import('./cli/doctor.ts')),
  ],
}

/** Verbs define their own arguments, so that their types differ; the runner needs the plain form only. */
async function load(module: Promise<{ default: unknown }>): Promise<{ default: CommandDef }> {
  return (await module) as { default: CommandDef }
}

function help(): string {
  const lines = Object.entries(VERBS).map(([verb, [about]]) => `  ${verb.padEnd(10)} ${about}`)
  return [
    `lesionloop ${packageVersion()}: chest-CT labels from the literature, in a loop`,
    '',
    'lesionloop VERB [--workspace DIR] [--json]   (each verb explains itself with --help)',
    '',
    ...lines,
    '',
    'Exit status: 0 all well, 1 the work had failures (listed), 2 wrong usage.',
  ].join('\n')
}

const [verb, ...rest] = process.argv.slice(2)
if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
  console.log(help())
  process.exitCode = verb === undefined ? 2 : 0
} else if (verb === '--version' || verb === '-v') {
  console.log(packageVersion())
} else if (!Object.hasOwn(VERBS, verb)) {
  console.error(`lesionloop: ${verb}: no such verb; known: ${Object.keys(VERBS).join(', ')}`)
  process.exitCode = 2
} else {
  const [{ default: command }, { runCommandLine }] = await Promise.all([
    VERBS[verb]![1](),
    import('./cli/command-line.ts'),
  ])
  await runCommandLine(verb, command, rest)
}
