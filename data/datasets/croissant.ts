import { EXPORT_COLUMNS, type ExportColumn } from '../formats/csv-export.ts'
import { LESION_CODES } from '../formats/lesion-codes.ts'
import { LESION_NAMES, LESIONS, type Lesion } from '../records/vocabulary.ts'
import { knownFaults } from './faults.ts'
import type { Exported } from './sidecars.ts'

/** Croissant 1.1 (mlcommons.org/croissant): its own terms, and those of the RAI extension. */
const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  arrayShape: 'cr:arrayShape',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  containedIn: 'cr:containedIn',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  description: { '@container': '@language' },
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileProperty: 'cr:fileProperty',
  fileObject: 'cr:fileObject',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isArray: 'cr:isArray',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  name: { '@container': '@language' },
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
} as const

const ENCODINGS: Record<string, string> = {
  jsonl: 'application/jsonlines',
  csv: 'text/csv',
  json: 'application/json',
  parquet: 'application/x-parquet',
}

/** The Croissant description of an export: its files with hashes, its columns where it is a table, the RAI fields. */
export function croissant(of: Exported) {
  const { name, facts } = of
  const tables = [...of.written].filter(([path]) => Object.hasOwn(ENCODINGS, endingOf(path)))
  const id = (path: string) => path.replace(/[^A-Za-z0-9._-]+/g, '-')
  const { title, creator, licence, url, version } = of.publication
  const recorded = Object.keys(facts.licences).filter(licence => licence !== 'not recorded')
  // What nobody said is left out: a made-up address or group would be believed.
  return {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    name: title ?? name,
    description: `${facts.cases} chest-CT cases of ${facts.documents.size} documents with a COVID-19 flag and five lesions (${LESIONS.map(lesion => LESION_NAMES[lesion]).join(', ')}), each with its evidence and provenance. Research use only.`,
    conformsTo: ['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0'],
    ...(licence === undefined && recorded.length === 0
      ? {}
      : { license: licence === undefined ? recorded.sort().map(licenceAddress) : [licenceAddress(licence)] }),
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
    ...(facts.newest === null ? {} : { datePublished: facts.newest }),
    citeAs: `${[creator, title ?? name, version, url].filter(Boolean).join(', ')}; cite the papers named in each row too`,
    ...(creator === undefined ? {} : { creator: { '@type': 'sc:Organization', name: creator } }),
    keywords: ['chest CT', 'COVID-19', ...LESIONS.map(lesion => LESION_NAMES[lesion])],
    'rai:dataCollection':
      'Figures and captions of preprints, papers and reports, paired by rules; imported datasets as published.',
    'rai:dataCollectionType': ['Secondary Data Analysis'],
    ...(facts.newest === null
      ? {}
      : {
          'rai:dataCollectionTimeFrame': [...new Set([facts.oldestDocument ?? facts.newest, facts.newest])],
        }),
    'rai:dataAnnotationProtocol':
      'Mined from text by rules with assertion and panel binding; corrected by readers at a desk, apart from each other; disagreements adjudicated. Order of trust: adjudicated, agreed, expert, published, mined.',
    'rai:dataAnnotationPlatform': ['lesionloop'],
    'rai:dataAnnotationAnalysis': [
      facts.readTwice === 0
        ? 'No case was read by two readers.'
        : `${facts.readTwice} cases read by two or more; mean share of equal answers ${(facts.agreementSum / facts.readTwice).toFixed(3)}.`,
    ],
    'rai:annotationsPerItem': `${facts.annotators.size} readers in all; the readers of each case stand in its row`,
    'rai:machineAnnotationTools': Object.keys(facts.miners).sort(),
    'rai:dataPreprocessingProtocol': ['Pictures as they were published; identical pictures are kept once.'],
    'rai:dataBiases': [
      'Figures show what authors chose to show; sources differ in file format, size and grey levels between classes, which a model can learn instead of disease.',
    ],
    'rai:dataLimitations': knownFaults(facts, of.check),
    'rai:dataUseCases': ['Research on lesion recognition in chest CT; not for diagnosis.'],
    'rai:dataSocialImpact': 'Wrong labels may mislead models that are later used on patients.',
    'rai:personalSensitiveInformation': [
      'Pictures of patients from published papers. Look for names, dates and burnt-in text before publishing.',
    ],
    'rai:dataReleaseMaintenancePlan': 'Frozen versions never change; a correction is a new version.',
    distribution: [
      ...tables.map(([path, { bytes, sha256 }]) => ({
        '@type': 'cr:FileObject',
        '@id': id(path),
        name: id(path),
        contentUrl: path,
        contentSize: `${bytes} B`,
        encodingFormat: ENCODINGS[endingOf(path)],
        sha256,
      })),
      ...(of.alone
        ? []
        : [
            {
              '@type': 'cr:FileSet',
              '@id': 'pictures',
              name: 'pictures',
              description: 'The pictures of the cases; their SHA-256 stand in SHA256SUMS.',
              encodingFormat: ['image/png', 'image/jpeg', 'image/webp'],
              includes: ['**/*.png', '**/*.jpg', '**/*.webp'],
            },
          ]),
    ],
    recordSet: tables
      .filter(([path]) => RECORDS[of.format]?.(path))
      .map(([path]) => ({
        '@type': 'cr:RecordSet',
        '@id': `cases-${id(path)}`,
        name: `cases-${id(path)}`,
        description: 'A case a record.',
        field: columnsOf(of.format).map(column => field(`cases-${id(path)}`, id(path), column)),
      })),
  }
}

const endingOf = (path: string) => path.slice(path.lastIndexOf('.') + 1)

/** Formats whose files are tables of cases; Label Studio and COCO are trees that a record set can't say. */
const RECORDS: Record<string, (path: string) => boolean> = {
  jsonl: () => true,
  csv: () => true,
  parquet: () => true,
  imagefolder: () => true,
  'la-dnn': path => path !== 'provenance.csv',
}

interface Column {
  name: string
  type: 'sc:Text' | 'sc:Integer' | 'sc:Float'
  about: string
  jsonPath?: string
}

const REAL = /_score$|^agreement$/
const WHOLE = new Set(['version', 'page', 'readers'])

function columnsOf(format: string): Column[] {
  const text = (name: string, jsonPath?: string): Column => ({
    name,
    type: 'sc:Text',
    about: aboutOf(name),
    ...(jsonPath ? { jsonPath } : {}),
  })
  if (format === 'la-dnn') return ['imgname', 'CVD19', ...LESIONS].map(name => text(name))
  if (format === 'jsonl')
    return [
      text('id', '$.id'),
      text('image', '$.image.file'),
      text('flag', '$.flag.value'),
      ...LESIONS.map(lesion => text(lesion, `$.lesions.${lesion}.value`)),
      text('caption', '$.caption'),
      text('document', '$.provenance.document'),
      text('doi', '$.provenance.doi'),
      text('licence', '$.provenance.licence'),
      text('patient', '$.patient'),
      text('side', '$.side'),
    ]
  if (format === 'imagefolder')
    return [
      text('file_name', '$.file_name'),
      text('id', '$.id'),
      text('flag', '$.flag'),
      ...LESIONS.map(lesion => text(lesion, `$.${lesion}`)),
      text('caption', '$.caption'),
      text('doi', '$.provenance.doi'),
      text('patient', '$.patient'),
    ]
  return (EXPORT_COLUMNS as readonly ExportColumn[]).map(name => ({
    name,
    type: WHOLE.has(name) ? 'sc:Integer' : REAL.test(name) ? 'sc:Float' : 'sc:Text',
    about: aboutOf(name),
  }))
}

function aboutOf(name: string): string {
  const lesion = LESIONS.find(each => each === name) as Lesion | undefined
  if (!lesion) return name.replaceAll('_', ' ')
  const code = LESION_CODES[lesion]
  return `${LESION_NAMES[lesion]}${code ? ` (${code.scheme} ${code.code})` : ''}`
}

const field = (set: string, file: string, { name, type, about, jsonPath }: Column) => ({
  '@type': 'cr:Field',
  '@id': `${set}/${name}`,
  name,
  description: about,
  dataType: type,
  source: { fileObject: { '@id': file }, extract: jsonPath ? { jsonPath } : { column: name } },
})

/** An SPDX id as an address; what is no SPDX id stays as it was recorded. */
const licenceAddress = (licence: string) =>
  /^(CC|MIT|Apache|BSD|GPL|ODbL|PDDL)[A-Za-z0-9.-]*$/.test(licence)
    ? `https://spdx.org/licenses/${licence}`
    : licence
