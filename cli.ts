#!/usr/bin/env node
import { defineCommand, runMain } from 'citty'
import { packageVersion } from './data/workspace/package-root.ts'

/** A verb a line; each part is loaded only when its verb runs. */
const main = defineCommand({
  meta: { name: 'lesionloop', version: packageVersion(), description: 'Chest-CT labels from the literature, in a loop' },
  subCommands: {
    label: () => import('./cli/label.ts').then(verb => verb.default),
  },
})

await runMain(main)
