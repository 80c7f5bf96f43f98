import type { Random } from '../random.ts'

/** Sentences of the body text, by section. `%fig` becomes a reference to one of the document's figures. */
const SENTENCES: Record<string, readonly string[]> = {
  Introduction: [
    'Since the first reports of a pneumonia of unknown cause, chest CT has been used wherever swabs were scarce or slow.',
    'Readers agree well on advanced disease, but much less on the faint opacities of the first days.',
    'Laboratory tests remain the reference, yet their sensitivity depends on when and how the sample was taken.',
    'Several groups have described ground-glass opacities and consolidation as the leading signs, often in both lungs.',
    'None of these signs belongs to one disease alone, and the same pattern may be met in influenza or heart failure.',
    'We therefore asked how often each sign is seen, when it appears, and how long it stays.',
    'Small series from single hospitals dominate what has been published, and pictures are rarely shared in a form that can be reused.',
    'An opacity that fades within a week may be missed altogether if the scan is made late.',
    'This report adds a consecutive series with repeated scans and states for every picture what was seen and what was not.',
  ],
  Methods: [
    'All scans were made on a 64-row scanner at 120 kV in full inspiration without contrast medium.',
    'Slices of 1.5 mm were reconstructed with a sharp kernel and viewed in a lung window.',
    'Two radiologists with 8 and 14 years of experience read the scans independently and settled differences by talking.',
    'Each of five signs was recorded as present, absent or uncertain for every slice that is shown.',
    'An air bronchogram was recorded only where at least two branches could be followed within consolidation.',
    'Crazy paving was recorded where a net of lines lay on ground glass, and septal thickening where lines reached the pleura.',
    'The ethics board waived consent because only stored pictures were used.',
    'Scans with motion, and scans repeated within two days, were left out.',
    'Agreement was expressed as kappa; intervals were found by resampling patients.',
    'No patient or member of the public took part in the design of the study.',
  ],
  Results: [
    'Opacities were found in most of the patients and lay under the pleura more often than round the hila (%fig).',
    'The number of lobes involved grew until the second week and then fell (%fig).',
    'As %fig shows, consolidation tended to follow ground glass and was seldom seen alone.',
    '%fig gives an overview, and the text below names what deserves notice.',
    'Air bronchograms were recorded in about a fifth of the scans with consolidation.',
    'Crazy paving was most frequent between day 7 and day 14 and was not seen in any healthy control (see %fig).',
    'Interlobular septal thickening was found in patients and in controls with heart failure alike (%fig).',
    'Pleural effusion was rare, and lymph nodes were not enlarged.',
    'The two readers disagreed on 31 of the slices, mainly on whether a faint opacity was present.',
    'The median time from the first symptom to the first scan was four days (range 0 to 11).',
    'No sign told the groups apart on its own; the best single one was the distribution under the pleura.',
    'In one patient the first scan was read as normal although the swab was positive on the same day.',
  ],
  Discussion: [
    'Our findings agree with those of earlier series, with two differences that deserve comment.',
    'First, the share of patients with a clear first scan was larger than reported, perhaps because they were scanned earlier.',
    'Second, resolution was slower in older patients, in whom faint opacities remained for a month (%fig).',
    'Consolidation does not exclude the disease, nor does its absence exclude a bacterial infection on top of it.',
    'The controls were chosen from the same months and the same scanners, so that neither season nor machine tells them apart.',
    'Our study is limited by its size, by its single country, and by a reference standard that is imperfect.',
    'Readers knew that the series was about pneumonia, which may have raised the number of signs recorded.',
    'Pictures were chosen to show the range of what was seen and not the average.',
    'Whether such signs help to decide on treatment cannot be answered by a study of this kind.',
    'We hope that pictures with their readings will be of use to those who teach and to those who build models.',
  ],
}

export const SECTIONS = ['Introduction', 'Methods', 'Results', 'Discussion'] as const

/** Paragraphs of a section; references to figures are spelt in one of the ways authors do. */
export function writeSection(
  random: Random,
  section: (typeof SECTIONS)[number],
  paragraphs: number,
  figures: readonly string[],
): string[] {
  const pool = random.shuffle(SENTENCES[section]!)
  const each = Math.max(2, Math.ceil(pool.length / paragraphs))
  const texts: string[] = []
  for (let i = 0; i < paragraphs; i++) {
    const taken = pool.slice(i * each, (i + 1) * each)
    // A paragraph that begins with "Figure 2 …" is no caption: readers of PDFs must tell them apart.
    const sentences = [
      ...taken.filter(text => text.startsWith('%fig')),
      ...taken.filter(text => !text.startsWith('%fig')),
    ]
    if (sentences.length === 0) break
    texts.push(
      sentences
        .join(' ')
        .replace(/\(%fig\)/g, () => `(${shortReference(random.pick(figures))})`)
        .replace(/%fig/g, () => random.pick(figures)),
    )
  }
  return texts
}

const shortReference = (label: string) => label.replace(/^Figure/, 'Fig.')

const AUTHORS = [
  'A. Meridian',
  'B. Okafor-Lind',
  'C. Halloway',
  'D. Ferreira-Noon',
  'E. Takumi-Ross',
  'F. Lindqvist',
  'G. Abernathy',
  'H. Zielinski-Ode',
  'I. Marchetti',
  'J. Oyelaran',
  'K. Vantongeren',
  'L. Petrossian',
]

export const writeAuthors = (random: Random) => random.shuffle(AUTHORS).slice(0, random.int(3, 6)).join(', ')

const JOURNALS = [
  'Chest Imaging Letters',
  'Annals of Thoracic Pictures',
  'Radiology in Practice',
  'Open Lung',
  'Preprint',
]
const TOPICS = [
  'Signs of viral pneumonia on thin slices',
  'Agreement of readers on faint opacities',
  'Course of pneumonia on repeated CT',
  'Septal lines in oedema and infection',
  'A comparison of swabs and scans',
  'Organising pneumonia: a pictorial review',
  'Influenza of the lung revisited',
  'Effect of window settings on the visibility of ground glass',
  'Distribution of opacities by lobe',
]

/** A list of invented references. */
export function writeReferences(random: Random, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const first = random.int(11, 480)
    return `${i + 1}. ${random.shuffle(AUTHORS).slice(0, 3).join(', ')}, et al. ${random.pick(TOPICS)}. ${random.pick(JOURNALS)} ${random.int(2009, 2020)};${random.int(1, 40)}:${first}-${first + random.int(4, 12)}.`
  })
}

/** Rows of a table of how often each sign was seen. */
export function writeTable(random: Random): string[][] {
  const cell = (n: number) => {
    const value = random.int(1, Math.floor(n * 0.7))
    return `${value} (${Math.round((100 * value) / n)}%)`
  }
  return [
    ['Sign', 'Patients, n = 46', 'Controls, n = 38'],
    ['Ground-glass opacity', cell(46), cell(38)],
    ['Consolidation', cell(46), cell(38)],
    ['Crazy paving', cell(46), cell(38)],
    ['Air bronchogram', cell(46), cell(38)],
    ['Interlobular septal thickening', cell(46), cell(38)],
    ['Pleural effusion', cell(46), cell(38)],
  ]
}
