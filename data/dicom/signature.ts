/** Whether these bytes begin as a DICOM file: "DICM" behind a preamble of 128 bytes (PS3.10). */
export function isDicom(bytes: Uint8Array): boolean {
  return bytes.length >= 132 && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM'
}
