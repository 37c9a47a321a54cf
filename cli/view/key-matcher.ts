import { isPress, type Key } from "./keys.ts";

export interface Matched {
  /** What goes to the host. */
  forward: Buffer;
  /** True when a key was pressed; what came after it is dropped. */
  detached: boolean;
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
 * Finds the detach key in what a terminal sends, in every encoding of it and split over any reads, and passes
 * everything else on unchanged and in order. Text that is pasted never detaches.
 *
 * An escape sequence that is not finished yet is held; the owner calls `flush` when nothing follows within a
 * few milliseconds, because a lone ESC is the Escape key.
 */
export class DetachKeyMatcher {
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
      if (step === "detach") return { forward: data.subarray(0, at), detached: true };
      if (step === "unfinished") {
        this.#held = Buffer.from(data.subarray(at));
        return { forward: data.subarray(0, at), detached: false };
      }
      at += step;
    }
    return { forward: data, detached: false };
  }

  /** Gives back what was held, to be passed on. */
  flush(): Buffer {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  /** How many bytes at `at` are one uninteresting piece, or what was found there. */
  #look(data: Buffer, at: number): number | "detach" | "unfinished" {
    const byte = data[at];
    if (byte !== ESC) return this.#keys.some((key) => key.byte === byte) ? "detach" : 1;
    const text = data.toString("latin1", at, at + MAX_SEQUENCE);
    const csi = CSI.exec(text);
    if (csi === null) {
      if (UNFINISHED.test(text) && text.length < MAX_SEQUENCE) return "unfinished";
      // ESC with another byte is that key with Alt, or an SS3 key.
      return text[1] === "O" ? 3 : text[1] === "\x1b" ? 1 : 2;
    }
    const [sequence, parameters = "", intermediates, final = ""] = csi;
    if (intermediates === "" && this.#keys.some((key) => isPress(key, parameters, final))) return "detach";
    if (final === "~" && parameters === "200") this.#inPaste = true;
    // The oldest mouse report carries its three numbers as bytes after the sequence.
    return sequence.length + (final === "M" && parameters === "" ? 3 : 0);
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
