import type { DataSet } from 'dicom-parser'

/** Elements that tell who a patient is, or where and by whom he was treated (from PS3.15, table E.1-1). */
const IDENTIFYING: Readonly<Record<string, string>> = {
  x00080050: 'AccessionNumber',
  x00080080: 'InstitutionName',
  x00080081: 'InstitutionAddress',
  x00080090: 'ReferringPhysicianName',
  x00081010: 'StationName',
  x00081040: 'InstitutionalDepartmentName',
  x00081048: 'PhysiciansOfRecord',
  x00081050: 'PerformingPhysicianName',
  x00081060: 'NameOfPhysiciansReadingStudy',
  x00081070: 'OperatorsName',
  x00100010: 'PatientName',
  x00100020: 'PatientID',
  x00100030: 'PatientBirthDate',
  x00101000: 'OtherPatientIDs',
  x00101001: 'OtherPatientNames',
  x00101040: 'PatientAddress',
  x00101060: 'PatientMotherBirthName',
  x00102154: 'PatientTelephoneNumbers',
  x00102160: 'EthnicGroup',
  x00104000: 'PatientComments',
  x00181000: 'DeviceSerialNumber',
  x00200010: 'StudyID',
  x00321032: 'RequestingPhysician',
  x00400006: 'ScheduledPerformingPhysicianName',
  x00400244: 'PerformedProcedureStepStartDate',
}
/** What tools write in place of a name. */
const BLANKED = /^(anon\w*|anonymi[sz]ed|de-?identified|removed|unknown|none|x+|0+|-*)$/i

export interface Identifying {
  /** As "(0010,0010)". */
  tag: string
  name: string
}

/**
 * The identifying elements that still hold a value, by name and never by content; empty where the slice is anonymised.
 * Text burnt into the pixels (BurnedInAnnotation YES) counts too. That nothing is listed is no proof: free text may name
 * a patient anywhere.
 */
export function anonymised(dataSet: DataSet): Identifying[] {
  const found = Object.entries(IDENTIFYING).flatMap(([tag, name]) => {
    const value = dataSet.elements[tag] ? dataSet.string(tag)?.replaceAll('^', ' ').trim() : undefined
    return value === undefined || BLANKED.test(value) ? [] : [{ tag: shown(tag), name }]
  })
  if (dataSet.elements['x00280301'] && dataSet.string('x00280301')?.trim().toUpperCase() === 'YES')
    found.push({ tag: '(0028,0301)', name: 'BurnedInAnnotation' })
  return found
}

const shown = (tag: string) => `(${tag.slice(1, 5)},${tag.slice(5)})`
