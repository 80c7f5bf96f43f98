/** Codes after which nothing can be saved until somebody does something. */
const TROUBLE: Record<string, string> = {
  'journal-broken': 'the journal could not be written; the server must be started again',
  'journal-write': 'the last save could not be written to the disk',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports errors',
  EROFS: 'the disk is read-only',
}
/** After this only a new start helps. */
const FINAL = TROUBLE['journal-broken']

const TRY_MS = 5000

/** Whether the server is warm and can save: what `GET /ready` says. */
export class Condition {
  isWarm = false
  private readonly tryDisk: () => Promise<void>
  private readonly now: () => number
  private coldness = 'starting: queue and cases are being read'
  private trouble: string | null = null
  private triedAt = Number.NEGATIVE_INFINITY

  /** @param tryDisk writes something where the labels are, and takes it away; rejects where that fails. */
  constructor(tryDisk: () => Promise<void>, now: () => number = Date.now) {
    this.tryDisk = tryDisk
    this.now = now
  }

  /** What the queue needs could not be read: said until the server is started again. */
  failedToWarm(): void {
    this.coldness = 'queue or cases could not be read; the log says why'
  }

  /** A save that failed with a code. A refusal (a stale version, a role) is no trouble. */
  failed(code: string): void {
    if (this.trouble !== FINAL) this.trouble = TROUBLE[code] ?? this.trouble
  }

  saved(): void {
    this.trouble = null
  }

  /**
   * After a failed save the disk is tried every five seconds at most: who sends no work to a server that is not ready
   * would otherwise never hear that there is room again.
   */
  async lookAgain(): Promise<void> {
    if (this.trouble === null || this.trouble === FINAL || this.now() - this.triedAt < TRY_MS) return
    this.triedAt = this.now()
    await this.tryDisk().then(
      () => this.saved(),
      () => undefined,
    )
  }

  /** Why no work should be sent here; null: ready. */
  unready(isStopping: boolean): string | null {
    if (isStopping) return 'stopping'
    if (!this.isWarm) return this.coldness
    return this.trouble
  }
}
