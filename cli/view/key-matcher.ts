import { isPress, type Key } from "./keys.ts";

export interface Matched {
  /** What was typed, up to the key. */
  forward: Buffer;
  /** The key that was pressed, as its terminal sent it, and what came after it. */
  pressed?: { key: Key; bytes: Buffer; rest: Buffer };
}

const ESC = 0x1b;
const PASTE_END = Buffer.from("\x1b[201~");
/** Longer than any key; a sequence that does not end within this is passed on as it is. */
const MAX_SEQUENCE = 64;

const NOTHING = Buffer.alloc(0);

/** A CSI or SS3 sequence from its ESC on: complete, or so far (`complete` is then undefined). */
const CSI = /^\x1b\[([0-?]*)([ -/]*)([@-~])/;
const UNFINISHED = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/;

/**
 * Finds the view's own keys in what a terminal sends, in every encoding of them and split over any reads, and passes
 * everything else on unchanged and in order. Text that is pasted is no key.
 *
 * An escape sequence that is not finished yet is held; the owner calls `flush` when nothing follows within a
 * few milliseconds, because a lone ESC is the Escape key.
 */
export class KeyMatcher {
  readonly #keys: readonly Key[];
  #held: Buffer = NOTHING;
  #inPaste = false;
  /** The last bytes of a paste that were passed on: its end may be split over reads. */
  #pasteTail: Buffer = NOTHING;

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
  }

  get holding(): boolean {
    return this.#held.length > 0;
  }

  feed(bytes: Buffer): Matched {
    const data = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#held = NOTHING;
    let at = 0;
    while (at < data.length) {
      if (this.#inPaste) {
        at = this.#skipPaste(data, at);
        continue;
      }
      const step = this.#look(data, at);
      if (step === "unfinished") {
        this.#held = Buffer.from(data.subarray(at));
        return { forward: data.subarray(0, at) };
      }
      if (step.key !== undefined) {
        const end = at + step.length;
        const pressed = { key: step.key, bytes: data.subarray(at, end), rest: data.subarray(end) };
        return { forward: data.subarray(0, at), pressed };
      }
      at += step.length;
    }
    return { forward: data };
  }

  /** Gives back what was held, to be passed on. */
  flush(): Buffer {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  /** The piece at `at`: one of the keys, or something uninteresting. */
  #look(data: Buffer, at: number): { length: number; key?: Key | undefined } | "unfinished" {
    const byte = data[at];
    if (byte !== ESC) return { length: 1, key: this.#keys.find((key) => key.byte === byte) };
    const text = data.toString("latin1", at, at + MAX_SEQUENCE);
    const csi = CSI.exec(text);
    if (csi === null) {
      if (UNFINISHED.test(text) && text.length < MAX_SEQUENCE) return "unfinished";
      // ESC with another byte is that key with Alt, or an SS3 key.
      return { length: text[1] === "O" ? 3 : text[1] === "\x1b" ? 1 : 2 };
    }
    const [sequence, parameters = "", intermediates, final = ""] = csi;
    const key = intermediates === "" ? this.#keys.find((each) => isPress(each, parameters, final)) : undefined;
    if (final === "~" && parameters === "200") this.#inPaste = true;
    // The oldest mouse report carries its three numbers as bytes after the sequence.
    return { length: sequence.length + (final === "M" && parameters === "" ? 3 : 0), key };
  }

  /** The place after the paste's end, or the end of the data when it goes on. */
  #skipPaste(data: Buffer, at: number): number {
    const seen = this.#pasteTail.length;
    const searched = Buffer.concat([this.#pasteTail, data.subarray(at)]);
    const end = searched.indexOf(PASTE_END);
    if (end < 0) {
      this.#pasteTail = Buffer.from(searched.subarray(-(PASTE_END.length - 1)));
      return data.length;
    }
    this.#inPaste = false;
    this.#pasteTail = NOTHING;
    return at + end + PASTE_END.length - seen;
  }
}
