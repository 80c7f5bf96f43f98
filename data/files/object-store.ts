/** Files moved at once: a picture's way to the storage and back is mostly waiting. */
export const AT_ONCE = 8

/** What is known of an object without reading it. */
export interface ObjectHead {
  key: string
  /** Another whenever the object is another; only compared, never read. */
  etag: string
  bytes: number
}

/** An object's head with the hash of its content, where whoever put it said it. */
export interface ObjectInfo extends ObjectHead {
  /** SHA-256 in hex; undefined where something else than lesionloop put it there. */
  sha256?: string
}

export interface PutOptions {
  /** SHA-256 of the file in hex; the storage refuses what arrives as something else. */
  sha256: string
  /** Only where nothing is there, or where what is there has this ETag; else `ObjectRace`. */
  only?: 'absent' | { match: string }
}

/**
 * Files by their keys (`a/b/c.png`), each whole or not there. Two implementations, a folder elsewhere and S3;
 * test/data/files/conformance.ts is the suite that both pass.
 */
export interface ObjectStore {
  /** For people: without credentials. */
  readonly shown: string
  /** @throws ObjectRace where `only` doesn't hold; LesionloopError `files-…`. */
  put(key: string, path: string, options: PutOptions): Promise<ObjectInfo>
  /**
   * Writes an object into a file that is not there yet, and checks it against its hash.
   * @returns undefined where there is no such object. @throws LesionloopError `files-damaged`, `files-…`.
   */
  get(key: string, path: string): Promise<ObjectInfo | undefined>
  head(key: string): Promise<ObjectInfo | undefined>
  /** All objects whose key begins so, in order of their keys. */
  list(prefix: string): AsyncIterable<ObjectHead>
  /** Nothing there is no error. */
  remove(key: string): Promise<void>
  close(): void
}

/** What is there is not what the writer thought: somebody else was first. */
export class ObjectRace extends Error {
  readonly key: string

  constructor(key: string) {
    super(`object: ${key}: another machine wrote it meanwhile`)
    this.name = 'ObjectRace'
    this.key = key
  }
}
