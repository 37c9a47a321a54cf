/**
 * What a view asks its own terminal: the default foreground and background (OSC 10 and 11), and then primary
 * device attributes, which every terminal answers and answers last.
 */
export const TERMINAL_QUERIES = "\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b[c";

export interface TerminalColours {
  foreground?: string;
  background?: string;
}

const ESC = 0x1b;
const MAX_REPLY = 64;
const NOTHING = Buffer.alloc(0);

const COLOUR_REPLY = /^\x1b\](10|11);([^\x07\x1b]*)(?:\x07|\x1b\\)/;
const ATTRIBUTES_REPLY = /^\x1b\[\?[0-9;]*c/;
/** Any beginning of either reply. */
const UNFINISHED = /^\x1b(?:\](?:1(?:[01](?:;[^\x07\x1b]*\x1b?)?)?)?|\[(?:\?[0-9;]*)?)?$/;

/**
 * Takes the terminal's replies to TERMINAL_QUERIES out of its input; everything typed before, between and
 * after them is passed on in order. Looks from `expect` until the last reply, or until `giveUp`.
 */
export class TerminalProbe {
  readonly colours: TerminalColours = {};
  #settled = true;
  #held: Buffer = NOTHING;

  /** True when no reply is to be expected any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** The queries have been written. */
  expect(): void {
    this.#settled = false;
  }

  get holding(): boolean {
    return this.#held.length > 0;
  }

  /**
   * What of this input was typed, and whether the last reply was in it. Part of a possible reply is held until
   * the rest arrives or `flush`.
   */
  feed(bytes: Buffer): { typed: Buffer; answered: boolean } {
    if (this.#settled && !this.holding) return { typed: bytes, answered: false };
    const awaited = !this.#settled;
    const typed = this.#sort(bytes);
    return { typed, answered: awaited && this.#settled };
  }

  /** Gives back what was held: nothing followed, so it was typed. */
  flush(): Buffer {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  /** Expects no further reply. */
  giveUp(): void {
    this.#settled = true;
  }

  #sort(bytes: Buffer): Buffer {
    const data = Buffer.concat([this.#held, bytes]);
    this.#held = NOTHING;
    const typed: Buffer[] = [];
    let from = 0;
    let at = data.indexOf(ESC);
    while (at >= 0 && !this.#settled) {
      const text = data.toString("latin1", at, at + MAX_REPLY);
      const length = this.#takeReply(text);
      if (length > 0) {
        typed.push(data.subarray(from, at));
        from = at + length;
      } else if (UNFINISHED.test(text) && text.length < MAX_REPLY) {
        typed.push(data.subarray(from, at));
        this.#held = Buffer.from(data.subarray(at));
        return Buffer.concat(typed);
      }
      at = data.indexOf(ESC, at + Math.max(length, 1));
    }
    typed.push(data.subarray(from));
    return Buffer.concat(typed);
  }

  /** The length of the reply the text begins with, 0 when there is none. */
  #takeReply(text: string): number {
    const attributes = ATTRIBUTES_REPLY.exec(text);
    if (attributes !== null) {
      this.#settled = true;
      return attributes[0].length;
    }
    const reply = COLOUR_REPLY.exec(text);
    if (reply === null) return 0;
    const colour = parseColour(reply[2] ?? "");
    if (colour !== undefined) this.colours[reply[1] === "10" ? "foreground" : "background"] = colour;
    return reply[0].length;
  }
}

/** `#rrggbb` of an X11 colour as terminals report it: `rgb:r/g/b` with one to four hexadecimal digits each. */
export function parseColour(text: string): string | undefined {
  const parts = /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})(?:\/[0-9a-f]{1,4})?$/i.exec(text)?.slice(1);
  if (parts === undefined) return undefined;
  const bytes = parts.map((part) => Math.round((Number.parseInt(part, 16) * 255) / (16 ** part.length - 1)));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
