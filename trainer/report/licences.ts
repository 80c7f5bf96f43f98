import type { CaseState } from '../../data/records/case.ts'
import type { ReportData } from './report-data.ts'

/** Licences of weights by the beginnings of their names, as their sources state them. */
const WEIGHTS: readonly [begins: RegExp, licence: string][] = [
  [/^starter/, "made by lesionloop's own phantoms: as lesionloop itself"],
  [/^(timm\/)?tf_efficientnet_lite0/, 'Apache-2.0 (efficientnet-lite0-pytorch; TensorFlow TPU)'],
  [
    /^timm\/.*\.tv_in1k/,
    'BSD-3-Clause (torchvision), as timm states it; ImageNet images have terms of their own',
  ],
  [/^timm\//, 'see the model card of that name on the model hub'],
]

/** Licences of datasets by the name of their source. */
const DATASETS: Record<string, string> = {
  'covid-ct':
    'research use; figures of medRxiv and bioRxiv preprints, each under the licence of its preprint (UCSD-AI4H/COVID-CT)',
}

/** What is known of the licences of weights and pictures; what is not known is said to be so. */
export function licences(weights: string, states: readonly CaseState[]): ReportData['licences'] {
  const sources = [...new Set(states.map(state => state.source.name))].sort()
  const datasets = sources.filter(name => DATASETS[name])
  return [
    {
      what: `weights ${weights}`,
      licence:
        WEIGHTS.find(([begins]) => begins.test(weights))?.[1] ?? 'not known: ask where the file came from',
    },
    ...datasets.map(name => ({ what: `pictures of ${name}`, licence: DATASETS[name]! })),
    ...(sources.length > datasets.length
      ? [
          {
            what: `pictures of other sources (${sources.length - datasets.length})`,
            licence: 'each under the licence of its document or dataset: not recorded here',
          },
        ]
      : []),
  ]
}
