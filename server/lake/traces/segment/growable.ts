/**
 * Growable typed arrays with amortised O(1) appends.
 *
 * @module
 */

/** Signed 32-bit integers under construction. */
export class Int32List {
  data: Int32Array<ArrayBuffer>;
  length = 0;

  /** @param capacity initial capacity in entries */
  constructor(capacity = 16) {
    this.data = new Int32Array(capacity);
  }

  /** Appends one value. */
  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Int32Array(Math.max(16, this.length * 2));
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }
}

/** Doubles under construction; hold integers up to 2^53 exactly. */
export class Float64List {
  data: Float64Array<ArrayBuffer>;
  length = 0;

  /** @param capacity initial capacity in entries */
  constructor(capacity = 16) {
    this.data = new Float64Array(capacity);
  }

  /** Appends one value. */
  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Float64Array(Math.max(16, this.length * 2));
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }
}
