/** Whether the long form runs: `npm run test:faults`, `npm run test:fuzz`. */
export const isLong = process.env['LESIONLOOP_LONG'] === '1'

/** How often: so many times in the long form, so few in `npm test`. */
export const times = (long: number, short: number): number => (isLong ? long : short)

/** A figure that the long form prints, for docs/guarantees.md. */
export function measured(line: string): void {
  if (isLong) console.log(`    ${line}`)
}
