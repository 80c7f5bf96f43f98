import { CONTROL_FIGURES as control } from '../captions/controls.ts'
import { COVID_FIGURES as covid } from '../captions/covid.ts'
import type { FigureScript } from '../captions/script.ts'
import type { FigurePlan } from './figure.ts'
import type { PageLayout } from './flow.ts'

export interface PlannedFigure
  extends Partial<
    Pick<FigurePlan, 'tiled' | 'gutter' | 'gutterShade' | 'letters' | 'share' | 'markers' | 'captionPlace'>
  > {
  script: FigureScript
  place: 'wide' | 'column' | 'page'
}

export interface DocumentPlan {
  file: string
  date: string
  version: number
  title: string
  abstract: string
  layout: PageLayout
  /** `#` stands for the number: "Fig. #:" is printed as "Fig. 2:" and normalised to "Figure 2". */
  label: string
  labelOwnLine?: boolean
  captionPlace: FigurePlan['captionPlace']
  /** How letters are printed: `A`, `a`, `(a)`. */
  letterStyle: 'A' | 'a' | '(a)'
  letters: FigurePlan['letters']
  figures: PlannedFigure[]
  table: boolean
  paragraphs: number
}

const onePage: PageLayout = {
  size: 'LETTER',
  columns: 1,
  font: 'Times',
  textSize: 11,
  leading: 17,
  align: 'left',
  hyphenate: false,
  lineNumbers: false,
  sideNotice: false,
  runningHead: null,
  wideFigures: 'end',
}
const twoColumns: PageLayout = {
  ...onePage,
  size: 'A4',
  columns: 2,
  textSize: 9.5,
  leading: 12,
  align: 'justify',
  hyphenate: true,
  wideFigures: 'top',
}

/** The demo preprints: a dozen layouts that are met on preprint servers and in journals. */
export const DOCUMENT_PLANS: readonly DocumentPlan[] = [
  {
    file: 'heron.pdf',
    date: '2020-02-19',
    version: 1,
    title: 'Course of opacities on repeated chest CT in COVID-19: a series from two hospitals',
    abstract:
      'We followed 46 patients with confirmed COVID-19 by repeated chest CT and compared them with 38 controls. Opacities lay under the pleura, grew until the second week and then faded. Controls were scanned on the same machines.',
    layout: {
      ...onePage,
      size: 'A4',
      lineNumbers: true,
      sideNotice: true,
      runningHead: 'doi: medical preprint, posted 19 February 2020',
    },
    label: 'Figure #.',
    captionPlace: 'below',
    letterStyle: 'A',
    letters: 'text-inside',
    figures: [
      { script: covid.course, place: 'wide', share: 0.86 },
      { script: control.chart, place: 'wide', share: 0.8 },
      { script: control.volunteers, place: 'wide', share: 0.8 },
      { script: covid.hedged, place: 'wide', share: 0.9 },
    ],
    table: true,
    paragraphs: 2,
  },
  {
    file: 'kestrel.pdf',
    date: '2020-02-27',
    version: 2,
    title: 'Chest CT of novel coronavirus infection and of influenza: what tells them apart?',
    abstract:
      'Chest CT scans of patients with SARS-CoV-2 infection and with influenza were compared sign by sign. Distribution, not any single sign, differed between the two. Readers were blinded to the swab.',
    layout: {
      ...twoColumns,
      font: 'Helvetica',
      textSize: 9,
      leading: 11.6,
      runningHead: 'Meridian et al. | CT of two viral pneumonias',
    },
    label: 'Fig. #:',
    captionPlace: 'below',
    letterStyle: 'A',
    letters: 'pixels',
    figures: [
      { script: control.xray, place: 'column', share: 0.7 },
      { script: covid.silent, place: 'column', tiled: true, gutter: 5, gutterShade: 255 },
      { script: covid.ranges, place: 'wide', tiled: true, gutter: 6, gutterShade: 255, share: 0.84 },
      {
        script: control.influenza,
        place: 'wide',
        tiled: true,
        gutter: 4,
        gutterShade: 0,
        share: 1,
        markers: true,
      },
    ],
    table: true,
    paragraphs: 3,
  },
  {
    file: 'plover.pdf',
    date: '2020-03-04',
    version: 1,
    title: 'From ground glass to resolution: two cases of pneumonia in February 2020',
    abstract:
      'We report one patient with COVID-19 and one with pneumococcal pneumonia who were scanned repeatedly. In both, consolidation gave way to ground glass before the lungs cleared.',
    layout: { ...onePage, sideNotice: true },
    label: 'Figure #.',
    labelOwnLine: true,
    captionPlace: 'above',
    letterStyle: '(a)',
    letters: 'text-below',
    figures: [
      { script: covid.lettersAfter, place: 'column' },
      { script: control.pneumococcus, place: 'column', share: 0.8 },
      { script: control.tissue, place: 'column', share: 0.55 },
    ],
    table: false,
    paragraphs: 2,
  },
  {
    file: 'dunlin.pdf',
    date: '2020-03-09',
    version: 1,
    title: 'Mild COVID-19 and acute heart failure in the emergency room: a pictorial comparison',
    abstract:
      'Dyspnoea in the emergency room may be due to COVID-19 or to the heart. We show scans of both and list what was present and what was absent. Septal thickening was found in both.',
    layout: { ...twoColumns, runningHead: 'EMERGENCY IMAGING  2020  12:3' },
    label: 'FIG. # |',
    captionPlace: 'below',
    letterStyle: 'A',
    letters: 'pixels',
    figures: [
      { script: covid.negatedList, place: 'column', share: 0.9 },
      { script: control.heartFailure, place: 'column' },
      { script: covid.lostBlanks, place: 'column', tiled: true, gutter: 3, gutterShade: 255 },
      { script: control.flow, place: 'column' },
    ],
    table: true,
    paragraphs: 3,
  },
  {
    file: 'avocet.pdf',
    date: '2020-03-15',
    version: 3,
    title: 'Serial scans of SARS-CoV-2 infection, with Pneumocystis pneumonia as a control',
    abstract:
      'Extended data of a cohort of patients infected with SARS-CoV-2 who were scanned three times. Two recipients of a renal transplant with Pneumocystis jirovecii pneumonia serve as controls.',
    layout: {
      ...onePage,
      font: 'Helvetica',
      textSize: 10,
      leading: 14,
      hyphenate: true,
      wideFigures: 'packed',
    },
    label: 'Extended Data Figure #.',
    captionPlace: 'beside',
    letterStyle: 'A',
    letters: 'text-above',
    figures: [
      { script: covid.twoRows, place: 'wide' },
      { script: control.pneumocystis, place: 'wide' },
    ],
    table: false,
    paragraphs: 2,
  },
  {
    file: 'curlew.pdf',
    date: '2020-03-22',
    version: 1,
    title: 'A severe case of COVID-19 in six scans, and findings in patients without infection',
    abstract:
      'A patient with severe COVID-19 was scanned six times in three weeks. We set beside it scans of four patients whose lungs were diseased for other reasons.',
    layout: {
      ...onePage,
      size: 'A4',
      lineNumbers: true,
      runningHead: 'All rights remain with the authors. Not certified by peer review.',
    },
    label: 'Figure #.',
    captionPlace: 'below',
    letterStyle: 'A',
    letters: 'pixels',
    figures: [
      { script: covid.sixDays, place: 'page', tiled: true, gutter: 5, gutterShade: 255 },
      { script: control.otherDiseases, place: 'wide', tiled: true, gutter: 6, gutterShade: 255, share: 0.84 },
      { script: control.bars, place: 'wide', share: 0.8 },
    ],
    table: false,
    paragraphs: 2,
  },
  {
    file: 'sanderling.pdf',
    date: '2020-03-28',
    version: 1,
    title: 'Critical COVID-19, suspected cases, and pneumonia during chemotherapy',
    abstract:
      'Images of critically ill patients with COVID-19, of two suspected cases, and of a patient with leukaemia and bacterial pneumonia are shown side by side. The signs overlap more than textbooks suggest.',
    layout: { ...twoColumns, size: 'LETTER', sideNotice: true },
    label: 'Figure #:',
    captionPlace: 'below',
    letterStyle: 'a',
    letters: 'pixels',
    figures: [
      { script: control.leukaemia, place: 'column', tiled: true, gutter: 4, gutterShade: 0 },
      { script: covid.suspected, place: 'column', tiled: true, gutter: 4, gutterShade: 0 },
      { script: covid.severe, place: 'wide', tiled: true, gutter: 8, gutterShade: 0, share: 0.8 },
    ],
    table: true,
    paragraphs: 3,
  },
  {
    file: 'godwit.pdf',
    date: '2020-04-02',
    version: 1,
    title: 'Supplementary figures: signs of COVID-19 and an imitator',
    abstract:
      'Supplement to a study of CT signs in COVID-19. Pulmonary alveolar proteinosis is shown as an imitator of crazy paving, and clear lungs as proof that a positive swab may come with a normal scan.',
    layout: { ...onePage, textSize: 10.5, leading: 15 },
    label: 'Figure S#.',
    captionPlace: 'below',
    letterStyle: 'A',
    letters: 'text-above',
    figures: [
      { script: covid.glossed, place: 'column', share: 0.85 },
      { script: control.proteinosis, place: 'column', share: 0.85 },
      { script: control.xray, place: 'column', share: 0.45 },
      { script: covid.clearLungs, place: 'column', share: 0.85 },
    ],
    table: false,
    paragraphs: 1,
  },
  {
    file: 'turnstone.pdf',
    date: '2020-04-06',
    version: 1,
    title: 'A family with COVID-19, with a note on pleural effusion',
    abstract:
      'Father and daughter fell ill with COVID-19 within three days. Scans of a patient with nephrotic syndrome and of a healthy control are added, since effusion is not part of the disease.',
    layout: { ...twoColumns, align: 'left', hyphenate: false },
    label: 'Fig. #.',
    captionPlace: 'above',
    letterStyle: 'A',
    letters: 'none',
    figures: [
      { script: covid.unlettered, place: 'column', tiled: true, gutter: 4, gutterShade: 255 },
      { script: covid.unnamed, place: 'column', tiled: true, gutter: 3, gutterShade: 0, letters: 'pixels' },
      { script: control.effusion, place: 'column' },
      { script: control.chart, place: 'column' },
    ],
    table: true,
    paragraphs: 3,
  },
  {
    file: 'whimbrel.pdf',
    date: '2020-04-11',
    version: 2,
    title: 'CT manifestations of novel coronavirus pneumonia of common type, and of aspiration',
    abstract:
      'Objective: to explore the CT manifestations of novel coronavirus pneumonia. Methods: scans of patients were read by two doctors. Results: shadows of ground glass were distributed in the outer zone. Aspiration pneumonia served as contrast.',
    layout: {
      ...onePage,
      size: 'A4',
      font: 'Times',
      textSize: 10.5,
      leading: 16,
      align: 'justify',
      lineNumbers: true,
    },
    label: 'Fig #',
    captionPlace: 'below',
    letterStyle: 'A',
    letters: 'pixels',
    figures: [
      { script: covid.translated, place: 'column', markers: true, tiled: true, gutter: 4, gutterShade: 255 },
      { script: control.aspiration, place: 'column' },
      { script: covid.afterwards, place: 'column', share: 0.8, tiled: true, gutter: 5, gutterShade: 255 },
    ],
    table: false,
    paragraphs: 2,
  },
  {
    file: 'redshank.pdf',
    date: '2020-04-19',
    version: 1,
    title: 'COVID-19 beside influenza B and healthy controls: slices for teaching',
    abstract:
      'For teaching we assembled slices of patients with confirmed COVID-19, of patients with influenza B, and of controls, each with a statement of what is present. Two pitfalls are shown.',
    layout: { ...twoColumns, size: 'LETTER', runningHead: 'Teaching file, April 2020' },
    label: 'Figure #.',
    captionPlace: 'below',
    letterStyle: 'A',
    letters: 'pixels',
    figures: [
      { script: control.pitfalls, place: 'column' },
      { script: control.compared, place: 'wide', share: 0.82, tiled: true, gutter: 5, gutterShade: 255 },
      { script: control.rows, place: 'wide', tiled: true, gutter: 4, gutterShade: 0, share: 1 },
    ],
    table: false,
    paragraphs: 3,
  },
  {
    file: 'greenshank.pdf',
    date: '2020-04-25',
    version: 1,
    title: 'Septal lines, recovery and imitators of COVID-19 on chest CT',
    abstract:
      'We describe septal changes and recovery in COVID-19 and show three imitators: organising pneumonia, respiratory syncytial virus and drug toxicity. All patients with COVID-19 had a positive swab.',
    layout: {
      ...onePage,
      font: 'Helvetica',
      textSize: 10,
      leading: 14.5,
      sideNotice: true,
      wideFigures: 'packed',
    },
    label: 'Figure #',
    captionPlace: 'below',
    letterStyle: '(a)',
    letters: 'text-below',
    figures: [
      { script: covid.septa, place: 'wide', share: 0.85 },
      { script: covid.convalescent, place: 'wide' },
      { script: control.mimics, place: 'wide' },
      { script: control.tissue, place: 'wide', share: 0.5 },
    ],
    table: true,
    paragraphs: 2,
  },
]
