/**
 * Takes clipboard sequences (OSC 52) out of the child's output. A write goes only to the view whose input caused it,
 * not into the clipboard of everyone who watches; a read, which would send a clipboard to the child, goes to nobody
 * (design, Security).
 */
export class ClipboardGate {
  /** The beginning of a clipboard sequence, or of what may become one. */
  #held: Buffer = EMPTY;
  /** The sequence was too long to keep: everything up to its end is dropped. */
  #dropping = false;

  /**
   * Takes output. `bytes` are for every view and the emulator, in order; `clipboard` holds whole write sequences, if
   * any. Without a clipboard sequence `bytes` is `output` itself.
   */
  push(output: Buffer): { bytes: Buffer; clipboard?: Buffer } {
    if (this.#held.length === 0 && !this.#dropping && nextStart(output, 0) === output.length) return { bytes: output };
    const input = this.#held.length > 0 ? Buffer.concat([this.#held, output]) : output;
    this.#held = EMPTY;
    const rest: Buffer[] = [];
    const writes: Buffer[] = [];
    let at = this.#dropping ? this.#dropTo(input) : 0;
    while (at < input.length) {
      const start = nextStart(input, at);
      rest.push(input.subarray(at, start));
      if (start === input.length) break;
      const end = endOfString(input, start);
      if (end === undefined) {
        this.#hold(input.subarray(start));
        break;
      }
      const sequence = input.subarray(start, end);
      if (isWrite(sequence)) writes.push(sequence);
      at = end;
    }
    const bytes = Buffer.concat(rest);
    return writes.length > 0 ? { bytes, clipboard: Buffer.concat(writes) } : { bytes };
  }

  #hold(bytes: Buffer): void {
    this.#dropping = bytes.length > HOLD_LIMIT;
    this.#held = this.#dropping ? lastByte(bytes) : Buffer.from(bytes);
  }

  /** Drops an oversized sequence; returns where it ends in `input`. */
  #dropTo(input: Buffer): number {
    const end = endOfString(input, -1);
    if (end === undefined) this.#held = lastByte(input);
    else this.#dropping = false;
    return end ?? input.length;
  }
}

/** The longest clipboard write that is passed on, in bytes of its sequence. */
const HOLD_LIMIT = 1024 * 1024;
const EMPTY = Buffer.alloc(0);
const ESC = 0x1b;
const CLOSING_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
/** OSC as the one character U+009D. */
const OSC_CHARACTER = Buffer.from("\u009d");

/**
 * Where the next clipboard sequence starts, or at the end what may become one; the input's length when neither. Found
 * by the `]`, as nearly all output has far fewer of those than of ESC. Terminals ignore control characters inside a
 * sequence and zeros before its number, so those hide nothing.
 */
function nextStart(input: Buffer, from: number): number {
  return Math.min(nextOsc(input, from), nextShortOsc(input, from), unfinishedIntroducer(input, from));
}

function nextOsc(input: Buffer, from: number): number {
  for (let at = input.indexOf(CLOSING_BRACKET, from); at !== -1; at = input.indexOf(CLOSING_BRACKET, at + 1)) {
    let start = at - 1;
    while (start >= from && isIgnored(input[start] as number)) start--;
    if (start >= from && input[start] === ESC && mayBeClipboard(input, at + 1)) return start;
  }
  return input.length;
}

function nextShortOsc(input: Buffer, from: number): number {
  for (let at = input.indexOf(OSC_CHARACTER, from); at !== -1; at = input.indexOf(OSC_CHARACTER, at + 1)) {
    if (mayBeClipboard(input, at + OSC_CHARACTER.length)) return at;
  }
  return input.length;
}

/** An ESC, or half of U+009D, at the very end. */
function unfinishedIntroducer(input: Buffer, from: number): number {
  let last = input.length - 1;
  if (last >= from && input[last] === OSC_CHARACTER[0]) return last;
  while (last >= from && isIgnored(input[last] as number)) last--;
  return last >= from && input[last] === ESC ? last : input.length;
}

/** Whether the number after OSC is 52, or the input ends before that is known. */
function mayBeClipboard(input: Buffer, from: number): boolean {
  let number = 0;
  for (let at = from; at < input.length; at++) {
    const byte = input[at] as number;
    if (byte === 0x3b) return number === 52;
    if (isIgnored(byte)) continue;
    if (byte < 0x30 || byte > 0x39) return false;
    number = number * 10 + byte - 0x30;
    if (number > 52) return false;
  }
  return true;
}

/** Control characters that do not end a sequence: all but BEL, CAN, SUB and ESC. */
function isIgnored(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x07 && byte !== 0x18 && byte !== 0x1a && byte !== ESC) || byte === 0x7f;
}

/** After the terminator (BEL, ST) or the byte that aborts a string (CAN, SUB, ESC); undefined when not yet known. */
function endOfString(input: Buffer, start: number): number | undefined {
  for (let at = start + 1; at < input.length; at++) {
    const byte = input[at] as number;
    if (byte === 0x07 || byte === 0x18 || byte === 0x1a) return at + 1;
    if (byte === 0xc2 && input[at + 1] === 0x9c) return at + 2;
    if (byte !== ESC) continue;
    if (at + 1 === input.length) return undefined;
    return input[at + 1] === BACKSLASH ? at + 2 : at;
  }
  return undefined;
}

/** `OSC 52 ; selection ; base64`, whole and plain; a `?` for the data would ask for the clipboard's content. */
function isWrite(sequence: Buffer): boolean {
  return WRITE.test(sequence.toString("latin1"));
}

const WRITE = /^(?:\x1b\]|\xc2\x9d)52;[a-z0-9]*;[A-Za-z0-9+/=]*(?:\x07|\x1b\\|\xc2\x9c)$/;

function lastByte(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(-1));
}
