/** Codes after which nothing can be saved until somebody does something. */
const TROUBLE: Record<string, string> = {
  'journal-broken': 'the journal could not be written; the server must be started again',
  'journal-write': 'the last save could not be written to the disk',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports errors',
  EROFS: 'the disk is read-only',
}

/** Whether the server is warm and can save: what `GET /ready` says. */
export class Condition {
  isWarm = false
  private trouble: string | null = null

  /** A save that failed with a code. A refusal (a stale version, a role) is no trouble. */
  failed(code: string): void {
    this.trouble = TROUBLE[code] ?? this.trouble
  }

  saved(): void {
    this.trouble = null
  }

  /** Why no work should be sent here; null: ready. */
  unready(isStopping: boolean): string | null {
    if (isStopping) return 'stopping'
    if (!this.isWarm) return 'starting: queue and cases are being read'
    return this.trouble
  }
}
