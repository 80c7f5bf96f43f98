/**
 * pdf.js's build for Node replaces built-in functions of the engine by slow ones of its own, for the whole process:
 * Array.prototype.push over a fault that V8 had with arrays of a fixed length, JSON.parse and JSON.stringify for want
 * of JSON.rawJSON. Neither is of use here, and each push then costs ten times as much. This module is loaded before
 * pdf.js and knows the engine's own.
 */
const own = [
  [Array.prototype, 'push'],
  [JSON, 'parse'],
  [JSON, 'stringify'],
].map(([holder, name]) => ({
  holder: holder as object,
  name: name as string,
  property: Object.getOwnPropertyDescriptor(holder, name as string)!,
}))

/** Puts the engine's own functions back; to be called whenever a part of pdf.js has been loaded. */
export function restoreBuiltins(): void {
  for (const { holder, name, property } of own) Object.defineProperty(holder, name, property)
}
