/** WebAssembly as Node has it; the types of Node 20 leave it to the browser's. */
export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
}

/** A compiled module: opaque, and may be sent to other threads. */
export type Module = object & { readonly __module?: never }

export const { Module, Instance } = (
  globalThis as unknown as {
    WebAssembly: {
      Module: new (bytes: Uint8Array) => Module
      Instance: new (
        module: Module,
        imports: { env: { memory: Memory } },
      ) => { exports: Record<string, unknown> }
    }
  }
).WebAssembly
