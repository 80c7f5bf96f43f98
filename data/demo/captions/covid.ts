import { ct, type FigureScript, panel } from './script.ts'

/** Figures of COVID-19: courses over days, lists, negations, hedges, resolution, typos and translations. */
export const COVID_FIGURES = {
  course: ct(
    2,
    '<ct> of a <age>-year-old <sex> with <proven> <covid>. (A) Day 3 after onset: <bilateral> [GGO+A: <ggo>] <where>. (B) Day 7: the [GGO+B: <ggo>] had spread and [Csld+B: <csld>] had appeared. (C) Day 12: [GGO+C: <ggo>] with a superimposed [CrPa+C: <crpa>]. (D) Day 26: the [GGO~D: ground-glass opacities] were <completely> absorbed, and no [Csld-D: consolidation] was seen.',
    [
      panel('A', 'covid', 'p1', { severity: 0.35, distribution: 'peripheral' }),
      panel('B', 'covid', 'p1', { severity: 0.75, distribution: 'peripheral' }),
      panel('C', 'covid', 'p1', { severity: 0.7, distribution: 'peripheral' }),
      panel('D', 'covid', 'p1'),
    ],
  ),
  ranges: ct(
    2,
    '<ct> images of two patients with <proven> <covid>. (A-C)axial images of the first patient <show> <bilateral> [GGO+A,B,C: <ggo>] with [InSepThi+A,B,C: <inse>]. (D) In the second patient, [Csld+D: consolidation] with [AirBr+D: <airbr>] in the left lower lobe.',
    [
      panel('A', 'covid', 'p1', { level: 0.42, severity: 0.5 }),
      panel('B', 'covid', 'p1', { level: 0.6, severity: 0.6 }),
      panel('C', 'covid', 'p1', { level: 0.8, severity: 0.6 }),
      panel('D', 'covid', 'p2', { severity: 0.7 }),
    ],
  ),
  lettersAfter: ct(
    3,
    '<bilateral> [GGO+A: <ggo>] on admission (a), [Csld+B: <csld>] with [AirBr+B: <airbr>] on day 8 (b), and partial absorption with residual [GGO+C: <ggo>] on day 15 (c) in a <age>-year-old patient with COVID-19.',
    [
      panel('A', 'covid', 'p1', { severity: 0.6 }),
      panel('B', 'covid', 'p1', { severity: 0.8 }),
      panel('C', 'covid', 'p1', { severity: 0.3 }),
    ],
  ),
  twoRows: ct(
    3,
    'Serial CT scans of two patients infected with SARS-CoV-2 on days 2, 6 and 13. Patient 1 (A1–A3): [GGO+A1,A2,A3: <ggo>] that grew and then shrank, with [InSepThi+A1,A2,A3: <inse>]. Patient 2 (B1–B3): [Csld+B1,B2,B3: consolidation] of both lower lobes; no [CrPa-B1,B2,B3: <crpa>] at any time.',
    [
      panel('A1', 'covid', 'p1', { severity: 0.3 }),
      panel('A2', 'covid', 'p1', { severity: 0.8 }),
      panel('A3', 'covid', 'p1', { severity: 0.45 }),
      panel('B1', 'covid', 'p2', { severity: 0.4 }),
      panel('B2', 'covid', 'p2', { severity: 0.9 }),
      panel('B3', 'covid', 'p2', { severity: 0.6 }),
    ],
  ),
  translated: ct(
    3,
    'CT manifestations of common-type novel coronavirus pneumonia. A: multiple [GGO+A: frosted glass shadows] distributed in the outer zone of both lungs. B: [GGO+B: ground glass shadow] of the right lung with [CrPa+B: paving stone sign]. C: [Csld+C: condensation shadow] with [AirBr+C: bronchoinflation sign] in the left lower lobe.',
    [
      panel('A', 'covid', 'p1', { severity: 0.6 }),
      panel('B', 'covid', 'p2', { severity: 0.7 }),
      panel('C', 'covid', 'p3', { severity: 0.7 }),
    ],
  ),
  negatedList: ct(
    1,
    '<ct> of a <age>-year-old <sex> with mild COVID-19 <shows> peripheral [GGO+: <ggo>] without [Csld-: consolidation], [AirBr-: air bronchograms] or [InSepThi-: interlobular septal thickening].',
    [panel('', 'covid', 'p1', { severity: 0.5, distribution: 'peripheral' })],
  ),
  hedged: ct(
    2,
    '<ct> of a <sex> with RT-PCR-confirmed SARS-CoV-2 infection. A, faint increase in density (arrow) that may represent [GGO?A: <ggo>]. B, four days later: unequivocal [GGO+B: <ggo>]; [Csld?B: consolidation] cannot be excluded.',
    [
      panel('A', 'covid', 'p1', { severity: 0.15, bilateral: false, arrow: 'GGO' }),
      panel('B', 'covid', 'p1', { severity: 0.6 }),
    ],
  ),
  lostBlanks: ct(
    2,
    'Computedtomography of a <age> years-old patient withCOVID-19:bilateral [GGO+A: groundglassopacities] on day 4 (A)and [GGO+B: ground-glassopacity] with [CrPa+B: crazypaving pattern] on day10 (B).No [InSepThi-: interlobularseptal thickening].',
    [panel('A', 'covid', 'p1', { severity: 0.5 }), panel('B', 'covid', 'p1', { severity: 0.8 })],
  ),
  clearLungs: ct(
    2,
    'A <age>-year-old woman with a positive throat swab for SARS-CoV-2 and clear lungs: neither [GGO-A,B: <ggo>] nor [Csld-A,B: consolidation] on admission (A) and on day 5 (B).',
    [panel('A', 'covid', 'p1'), panel('B', 'covid', 'p1')],
  ),
  suspected: ct(
    2,
    'Two patients with suspected COVID-19 whose RT-PCR was still pending. (a) Subpleural [GGO+A: <ggo>]. (b) Small [Csld+B: consolidation] and [GGO+B: ground-glass opacity].',
    [
      panel('A', 'covid', 'p1', { flag: 'possible', severity: 0.4, distribution: 'peripheral' }),
      panel('B', 'viral-pneumonia', 'p2', { flag: 'possible', severity: 0.4, distribution: 'peripheral' }),
    ],
    'possible',
  ),
  unlettered: ct(
    2,
    'Family cluster of COVID-19. Scans of the father (left) and the daughter (right), both with <bilateral> [GGO+: <ggo>] and without [AirBr-: air bronchogram].',
    [panel('', 'covid', 'p1', { severity: 0.7 }), panel('', 'covid', 'p2', { severity: 0.4 })],
  ),
  sixDays: ct(
    3,
    'Changes with the progression of the disease in a <age> years-old severe patient with COVID-19. A and B were the second day of the course; C and D were day 7; E was day 11 and F was day 21. A. Local [GGO+A: ground glass shadow]. B. [GGO+B: <ggo>] under the pleura. C. Large [GGO+C: ground glass shadow] with [CrPa+C: <crpa>]. D. [Csld+D: Consolidation] of the right lower lobe with [AirBr+D: <airbr>]. E. [Csld+E: Condensation shadow] and [GGO+E: <ggo>] with [InSepThi+E: <inse>]. F. The [Csld~F: consolidation] has resolved; slight [GGO+F: <ggo>] remains.',
    [
      panel('A', 'covid', 'p1', { severity: 0.2, distribution: 'peripheral' }),
      panel('B', 'covid', 'p1', { severity: 0.4, distribution: 'peripheral' }),
      panel('C', 'covid', 'p1', { severity: 0.8, distribution: 'peripheral' }),
      panel('D', 'covid', 'p1', { severity: 0.9, distribution: 'peripheral' }),
      panel('E', 'covid', 'p1', { severity: 0.7, distribution: 'peripheral' }),
      panel('F', 'covid', 'p1', { severity: 0.15, distribution: 'peripheral' }),
    ],
  ),
  afterwards: ct(
    2,
    'Lungs after COVID-19. The [GGO!history: ground-glass opacities] reported from another hospital at the height of the illness are not shown. (A) Three months after discharge: [InSepThi+A: <inse>] persists, with disappearance of the [Csld~A: consolidation]. (B) Six months: no [InSepThi-B: interlobular septal thickening].',
    [panel('A', 'covid', 'p1', { severity: 0.5 }), panel('B', 'covid', 'p1')],
  ),
  glossed: ct(
    2,
    'CT signs of COVID-19 in two patients. (A) [GGO+A: GGO] and [CrPa+A: <crpa>] (arrow). (B) [GGO+B: GGO] with [InSepThi+B: <inse>]. [GGO!gloss: GGO], [GGO!gloss: ground-glass opacity]; CT, computed tomography.',
    [
      panel('A', 'covid', 'p1', { severity: 0.8, arrow: 'CrPa' }),
      panel('B', 'covid', 'p2', { severity: 0.6 }),
    ],
  ),
  severe: ct(
    2,
    'Images of four critically ill patients with <covid>. [GGO!general statement: Ground-glass opacities] are typical of the disease and may give way to [Csld!general statement: consolidation]. a, diffuse [GGO+A: <ggo>]; b, [Csld+B: <csld>] with [AirBr+B: <airbr>]; c, [GGO+C: <ggo>] and [CrPa+C: <crpa>]; d, [Csld+D: <csld>] and [GGO+D: <ggo>], no [InSepThi-D: <inse>].',
    [
      panel('A', 'covid', 'p1', { severity: 0.95, distribution: 'diffuse' }),
      panel('B', 'covid', 'p2', { severity: 0.9 }),
      panel('C', 'covid', 'p3', { severity: 0.9 }),
      panel('D', 'covid', 'p4', { severity: 0.8 }),
    ],
  ),
  septa: ct(
    2,
    'Septal changes in COVID-19: smooth [InSepThi+A: inter- and intralobular septal thickening] (A), and [InSepThi+B: <inse>] with adjacent [GGO+B: <ggo>] (B). Intralobular lines alone were not counted.',
    [panel('A', 'covid', 'p1', { severity: 0.6 }), panel('B', 'covid', 'p2', { severity: 0.6 })],
  ),
  convalescent: ct(
    3,
    'Recovery of a <age>-year-old <sex> discharged after COVID-19. From left to right: day 5 (A), <bilateral> [GGO+A: <ggo>] and [Csld+A: <csld>]; day 14 (B), slightly absorbed [GGO+B: <ggo>]; day 30 (C), resolution of the [GGO~C: <ggo>] and of the [Csld~C: consolidation].',
    [
      panel('A', 'covid', 'p1', { severity: 0.7 }),
      panel('B', 'covid', 'p1', { severity: 0.35 }),
      panel('C', 'covid', 'p1'),
    ],
  ),
  unnamed: ct(
    2,
    'Unenhanced scans of a <age>-year-old <sex> on the day of admission (A) and one week later (B). [GGO+: <ggo>] can be seen on both, [Csld+B: <csld>] on the second only; [CrPa?B: crazy paving] is suspected in its lowest part.',
    [
      panel('A', 'covid', 'p1', { severity: 0.4, flag: 'unstated' }),
      panel('B', 'covid', 'p1', { severity: 0.7, flag: 'unstated' }),
    ],
    'unstated',
  ),
  silent: ct(
    2,
    'CT of two further patients with <proven> COVID-19 on admission, at the level of the carina (A) and of the left atrium (B). [GGO+A: Ground-glass opacities] in (A).',
    [
      panel('A', 'covid', 'p1', { level: 0.44, saidNotVisible: ['GGO'] }),
      panel('B', 'covid', 'p2', { level: 0.62, severity: 0.7, visibleNotSaid: ['GGO', 'Csld'] }),
    ],
  ),
} satisfies Record<string, FigureScript>
