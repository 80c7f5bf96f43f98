type Values = Uint8Array | Uint16Array | Uint32Array | Float64Array
type Kind = new (length: number) => Values

/** Grows by a quarter: what is held and not used stays small beside it, and numbers are seldom copied. */
const GROWTH = 1.25
const LEAST = 256

/** Numbers by place in as many bytes as their kind takes; 0 where none was put. It grows with the highest place. */
export class NumberColumn {
  private readonly kind: Kind
  private values: Values

  constructor(kind: Kind) {
    this.kind = kind
    this.values = new kind(LEAST)
  }

  get(at: number): number {
    return this.values[at] ?? 0
  }

  put(at: number, value: number): void {
    if (at >= this.values.length) {
      const larger = new this.kind(Math.ceil((at + 1) * GROWTH))
      larger.set(this.values)
      this.values = larger
    }
    this.values[at] = value
  }
}
