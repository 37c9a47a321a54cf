/**
 * Removes what a view's terminal says by itself, its answers to queries, from the bytes the view sends: the host has
 * answered the child already (`terminal-queries.ts`), and several terminals would answer several times. Keys, mouse,
 * focus reports and pasted text pass byte for byte.
 *
 * One filter a view. The end of a sequence that has only begun is kept until the rest comes, for at most
 * `flushAfterMs` and 4 KiB; after that it is let through as it is, as it must be keys.
 */
export class InputFilter {
  #held: Buffer = EMPTY;
  #heldSince = 0;
  #pasting = false;

  /** Takes input and returns what the child gets now. */
  push(bytes: Uint8Array): Buffer {
    const input = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : viewOf(bytes);
    const wasHolding = this.#held.length > 0;
    this.#held = EMPTY;
    const passed: Buffer[] = [];
    let start = 0;
    let at = 0;
    while (at < input.length) {
      const sequence = this.#pasting ? this.#pasteEnd(input, at) : nextSequence(input, at);
      if (sequence.kind === "incomplete" && input.length - sequence.start <= HOLD_LIMIT) {
        passed.push(input.subarray(start, sequence.start));
        this.#hold(input.subarray(sequence.start), wasHolding && sequence.start === 0);
        return join(passed);
      }
      if (sequence.kind === "paste-begin") this.#pasting = true;
      if (sequence.kind === "paste-end") this.#pasting = false;
      if (sequence.kind === "reply") {
        passed.push(input.subarray(start, sequence.start));
        start = sequence.end;
      }
      at = sequence.end;
    }
    passed.push(input.subarray(start));
    return join(passed);
  }

  /** Milliseconds after which `flush` is due; undefined when nothing is held. A lone Esc is not kept waiting. */
  get flushAfterMs(): number | undefined {
    if (this.#held.length === 0) return undefined;
    const patience = this.#held.length <= 2 ? KEY_PATIENCE_MS : SEQUENCE_PATIENCE_MS;
    return Math.max(0, this.#heldSince + patience - performance.now());
  }

  /** Gives up waiting for the rest of a sequence: returns what was held. */
  flush(): Buffer {
    const held = this.#held;
    this.#held = EMPTY;
    return held;
  }

  #hold(bytes: Buffer, sameAsBefore: boolean): void {
    this.#held = Buffer.from(bytes);
    if (!sameAsBefore) this.#heldSince = performance.now();
  }

  /** Pasted text passes whole; only its end may be split between chunks, and then it waits like a sequence. */
  #pasteEnd(input: Buffer, from: number): Sequence {
    const end = input.indexOf(PASTE_END, from);
    if (end !== -1) return { kind: "paste-end", start: end, end: end + PASTE_END.length };
    const tail = splitStart(input, from, PASTE_END);
    if (tail < input.length) return { kind: "incomplete", start: tail, end: input.length };
    return { kind: "input", start: from, end: input.length };
  }
}

interface Sequence {
  readonly kind: "input" | "reply" | "paste-begin" | "paste-end" | "incomplete";
  readonly start: number;
  readonly end: number;
}

const HOLD_LIMIT = 4096;
/** For what may be Esc, or Alt and a key: as long as pi waits to tell an Esc from a sequence. */
const KEY_PATIENCE_MS = 10;
const SEQUENCE_PATIENCE_MS = 50;
const EMPTY = Buffer.alloc(0);
const PASTE_BEGIN = "200~";
const PASTE_END = Buffer.from("\x1b[201~");

const ESC = 0x1b;
const BEL = 0x07;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
/** What follows ESC to begin a string: DCS, SOS, OSC, PM and APC. Typed with Alt, no terminator ever follows. */
const STRING_STARTS = Buffer.from("PX]^_");

/** The first escape sequence at or after `from`; plain input up to the end when there is none. */
function nextSequence(input: Buffer, from: number): Sequence {
  const start = input.indexOf(ESC, from);
  if (start === -1) return { kind: "input", start: from, end: input.length };
  const second = input[start + 1];
  if (second === undefined) return { kind: "incomplete", start, end: input.length };
  if (second === BRACKET) return controlSequence(input, start);
  if (STRING_STARTS.includes(second)) return string(input, start);
  return { kind: "input", start, end: start + 1 };
}

function controlSequence(input: Buffer, start: number): Sequence {
  let end = start + 2;
  while (end < input.length && isParameter(input[end] as number)) end++;
  if (end === input.length) return { kind: "incomplete", start, end };
  const final = input[end] as number;
  // Not a sequence after all; what interrupted it is looked at again.
  if (final < 0x40 || final > 0x7e) return { kind: "input", start, end };
  const sequence = input.toString("latin1", start + 2, end + 1);
  if (sequence === PASTE_BEGIN) return { kind: "paste-begin", start, end: end + 1 };
  return { kind: isReply(sequence) ? "reply" : "input", start, end: end + 1 };
}

function isParameter(byte: number): boolean {
  return byte >= 0x20 && byte < 0x40;
}

function string(input: Buffer, start: number): Sequence {
  for (let at = start + 2; at < input.length; at++) {
    const byte = input[at];
    if (byte === BEL) return { kind: "reply", start, end: at + 1 };
    if (byte !== ESC) continue;
    if (at + 1 === input.length) break;
    if (input[at + 1] === BACKSLASH) return { kind: "reply", start, end: at + 2 };
    return { kind: "input", start, end: at };
  }
  return { kind: "incomplete", start, end: input.length };
}

/**
 * What terminals answer, as parameters and final byte (xterm's ctlseqs; kitty's keyboard protocol): device attributes,
 * cursor position, status, mode, keyboard flags, window and graphics reports, terminal parameters. No key looks like
 * one, but for F3 with a modifier, which could be a cursor in the first row.
 */
const REPLIES: readonly RegExp[] = [
  /^[?>=][\d;]*c$/,
  /^(?!1;[2-8]R)\??\d+;\d+(;\d+)?R$/,
  /^\??[\d;]+n$/,
  /^\??[\d;]+\$y$/,
  /^\?\d+u$/,
  /^\d+(;\d+)*t$/,
  /^\?[\d;]+S$/,
  /^[23];[\d;]*x$/,
  /^>[\d;]*m$/,
];

function isReply(sequence: string): boolean {
  return REPLIES.some((reply) => reply.test(sequence));
}

/** Where a beginning of `sought` starts that reaches to the end of `input`; its length when none does. */
function splitStart(input: Buffer, from: number, sought: Buffer): number {
  for (let at = Math.max(from, input.length - sought.length + 1); at < input.length; at++) {
    if (sought.subarray(0, input.length - at).equals(input.subarray(at))) return at;
  }
  return input.length;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function join(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}
