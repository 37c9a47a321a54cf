/** A growing byte buffer: what a painter writes terminal output into, without making a string of every cell. */
export class ScreenBytes {
  #buffer: Buffer;
  #length = 0;

  constructor(expected = 4096) {
    this.#buffer = Buffer.allocUnsafe(expected);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds text of ASCII characters only: control sequences. */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, "latin1");
  }

  /** Adds any text. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, "utf8");
  }

  codePoint(code: number): void {
    this.#reserve(4);
    const buffer = this.#buffer;
    if (code < 0x80) {
      buffer[this.#length++] = code;
    } else if (code < 0x800) {
      buffer[this.#length++] = 0xc0 | (code >> 6);
      buffer[this.#length++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      buffer[this.#length++] = 0xe0 | (code >> 12);
      buffer[this.#length++] = 0x80 | ((code >> 6) & 0x3f);
      buffer[this.#length++] = 0x80 | (code & 0x3f);
    } else {
      buffer[this.#length++] = 0xf0 | (code >> 18);
      buffer[this.#length++] = 0x80 | ((code >> 12) & 0x3f);
      buffer[this.#length++] = 0x80 | ((code >> 6) & 0x3f);
      buffer[this.#length++] = 0x80 | (code & 0x3f);
    }
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written, without copying: the writer is not used after it. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
