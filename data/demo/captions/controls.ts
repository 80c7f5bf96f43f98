import { ct, type FigureScript, panel, picture } from './script.ts'

/** Figures of other diseases and of healthy lungs, figures that compare, and pictures that are no CT. */
export const CONTROL_FIGURES = {
  volunteers: ct(
    2,
    'Normal chest CT of four healthy volunteers who served as controls (A–D). No [GGO-: <ggo>], [Csld-: consolidation] or [InSepThi-: <inse>].',
    [
      panel('A', 'normal', 'h1'),
      panel('B', 'normal', 'h2'),
      panel('C', 'normal', 'h3'),
      panel('D', 'normal', 'h4'),
    ],
  ),
  pneumococcus: ct(
    2,
    'Community-acquired pneumonia by Streptococcus pneumoniae, RT-PCR for SARS-CoV-2 negative. (A) Lobar [Csld+A: <csld>] with [AirBr+A: <airbr>]. (B) After ten days of amoxicillin, [GGO+B: <ggo>] remains; the [Csld~B: consolidation] has cleared.',
    [
      panel('A', 'lobar-pneumonia', 'n1', { severity: 0.8, distribution: 'lobar', bilateral: false }),
      panel('B', 'lobar-pneumonia', 'n1', { severity: 0.4, distribution: 'lobar', bilateral: false }),
    ],
  ),
  influenza: ct(
    3,
    'Influenza A pneumonia in three patients: a, <bilateral> [GGO+A: <ggo>]; b, [GGO+B: <ggo>] and [Csld+B: <csld>]; c, [InSepThi+C: <inse>] with [GGO+C: <ggo>].',
    [
      panel('A', 'viral-pneumonia', 'n1', { severity: 0.6 }),
      panel('B', 'viral-pneumonia', 'n2', { severity: 0.7 }),
      panel('C', 'viral-pneumonia', 'n3', { severity: 0.5 }),
    ],
  ),
  heartFailure: ct(
    2,
    'Acute heart failure mistaken for infection. A. Smooth [InSepThi+A: <inse>] and small pleural effusions. B. Perihilar [GGO+B: <ggo>] with [InSepThi+B: <inse>]; there is no [Csld-B: consolidation]. RT-PCR was negative twice.',
    [
      panel('A', 'oedema', 'n1', { severity: 0.7 }),
      panel('B', 'oedema', 'n1', { severity: 0.7, distribution: 'central' }),
    ],
  ),
  pneumocystis: ct(
    2,
    'Pneumocystis jirovecii pneumonia in two patients after renal transplantation. (A) Diffuse [GGO+A: <ggo>] sparing the periphery. (B) [GGO+B: <ggo>] with [CrPa+B: <crpa>]. [AirBr-: Air bronchograms] were absent in both.',
    [
      panel('A', 'pneumocystis', 'n1', { severity: 0.8, distribution: 'diffuse' }),
      panel('B', 'pneumocystis', 'n2', { severity: 0.8, distribution: 'diffuse' }),
    ],
  ),
  otherDiseases: ct(
    2,
    'Controls with other findings: (A) lung abscess with a thick wall, (B) tree-in-bud nodules of bacterial bronchiolitis, (C) centrilobular emphysema, (D) metastases of a colonic carcinoma. None of them had [GGO-: <ggo>].',
    [
      panel('A', 'abscess', 'n1'),
      panel('B', 'bronchopneumonia', 'n2'),
      panel('C', 'emphysema', 'n3'),
      panel('D', 'nodules', 'n4'),
    ],
    'negative',
  ),
  leukaemia: ct(
    2,
    'Bacterial pneumonia during [Csld!other meaning: consolidation] chemotherapy for acute leukaemia, in a patient with a repaired atrial [InSepThi!other meaning: septal] defect. (A) Patchy [Csld+A: <csld>] around the bronchi (arrow). (B) One week later, [GGO+B: <ggo>]; [CrPa-B: crazy paving] is not seen.',
    [
      panel('A', 'bronchopneumonia', 'n1', { severity: 0.6, arrow: 'Csld' }),
      panel('B', 'bronchopneumonia', 'n1', { severity: 0.4 }),
    ],
  ),
  proteinosis: ct(
    2,
    'Pulmonary alveolar proteinosis, a mimic. Both levels (A, upper; B, lower) show [GGO+A,B: <ggo>] with a [CrPa+A,B: <crpa>] and [InSepThi+A,B: <inse>].',
    [
      panel('A', 'pneumocystis', 'n1', { level: 0.4, severity: 0.7 }),
      panel('B', 'pneumocystis', 'n1', { level: 0.75, severity: 0.8 }),
    ],
  ),
  effusion: ct(
    2,
    'Pleural effusion in nephrotic syndrome (left) and normal lungs of a healthy control (right). No [Csld-: consolidation], no [AirBr-: air bronchogram].',
    [panel('', 'effusion', 'n1'), panel('', 'normal', 'n2')],
    'negative',
  ),
  aspiration: ct(
    3,
    'Aspiration pneumonia on days 1, 3 and 9 (A to C). A, [Csld+A: <csld>] of the dorsal lower lobe with [AirBr+A: <airbr>]; B, larger [Csld+B: consolidation] with [AirBr+B: air bronchograms]; C, residual [GGO+C: <ggo>]; no [AirBr-C: air bronchogram].',
    [
      panel('A', 'lobar-pneumonia', 'n1', { severity: 0.6, bilateral: false }),
      panel('B', 'lobar-pneumonia', 'n1', { severity: 0.9, bilateral: false }),
      panel('C', 'lobar-pneumonia', 'n1', { severity: 0.3, bilateral: false }),
    ],
    'negative',
  ),
  compared: ct(
    2,
    'COVID-19 (A, B) compared with influenza B pneumonia (C, D). [GGO+A,C: Ground-glass opacities] are present in A and C, [Csld+B,D: consolidation] with [AirBr+B,D: <airbr>] in B and D.',
    [
      panel('A', 'covid', 'p1', { severity: 0.6 }),
      panel('B', 'covid', 'p2', { severity: 0.7 }),
      panel('C', 'viral-pneumonia', 'n1', { severity: 0.6 }),
      panel('D', 'viral-pneumonia', 'n2', { severity: 0.7 }),
    ],
  ),
  rows: ct(
    4,
    'Typical slices. Upper row, four patients with <proven> COVID-19 (A–D): [GGO+A,B,C,D: ground-glass opacities], with [Csld+C,D: <csld>] in C and D. Lower row, four controls without infection (E–H): clear lungs, no [GGO-E,F,G,H: GGO].',
    [
      panel('A', 'covid', 'p1', { severity: 0.4 }),
      panel('B', 'covid', 'p2', { severity: 0.7 }),
      panel('C', 'covid', 'p3', { severity: 0.6 }),
      panel('D', 'covid', 'p4', { severity: 0.8 }),
      panel('E', 'normal', 'h1'),
      panel('F', 'normal', 'h2'),
      panel('G', 'normal', 'h3'),
      panel('H', 'normal', 'h4'),
    ],
  ),
  pitfalls: ct(
    2,
    'Pitfalls among patients whose swabs stayed negative. (A) Bacterial pneumonia with [Csld+A: consolidation]. (B) Bronchitis without pneumonia, clear lungs.',
    [
      panel('A', 'bronchopneumonia', 'n1', { severity: 0.6, saidNotVisible: ['Csld'] }),
      panel('B', 'viral-pneumonia', 'n2', { severity: 0.5, visibleNotSaid: ['GGO'] }),
    ],
    'negative',
  ),
  mimics: ct(
    3,
    'Mimics in patients without COVID-19: cryptogenic organising pneumonia with [Csld+A: <csld>] (a), viral pneumonia by respiratory syncytial virus with [GGO+B: <ggo>] and [InSepThi+B: <inse>] (b), and drug toxicity with [GGO+C: <ggo>] and [CrPa+C: <crpa>] (c).',
    [
      panel('A', 'viral-pneumonia', 'n1', { severity: 0.6, distribution: 'peripheral' }),
      panel('B', 'viral-pneumonia', 'n2', { severity: 0.6 }),
      panel('C', 'pneumocystis', 'n3', { severity: 0.6 }),
    ],
    'negative',
  ),
  chart: picture(
    'chart',
    'Share of slices with each sign by day since onset. Points are means, bars standard errors.',
  ),
  bars: picture('chart', 'Number of scans a week in the two hospitals, January to April 2020.'),
  flow: picture(
    'diagram',
    'Flow of patients through the study. Excluded were scans with motion and repeated scans within two days.',
  ),
  xray: picture('xray', 'Chest radiograph of the first patient on admission, read as normal.'),
  tissue: picture(
    'photograph',
    'Photomicrograph of a lung biopsy with oedema of the alveolar walls; haematoxylin and eosin.',
  ),
} satisfies Record<string, FigureScript>
