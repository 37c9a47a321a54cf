import { StringDecoder } from "node:string_decoder";

/** One thing the user did at the terminal. */
export type InputEvent =
  /** `name` is that of the key bindings: "a", "A", "enter", "ctrl-c", "alt-x", "shift-tab", "f1", … */
  | { type: "key"; name: string; text?: string }
  | { type: "mouse"; action: MouseAction; column: number; row: number; modifiers: MouseModifiers }
  | { type: "paste"; text: string }
  | { type: "focus"; focused: boolean };

/** Positions are cells counted from 0. */
export type MouseAction = "press" | "release" | "move" | "right" | "middle" | "wheel-up" | "wheel-down";
export interface MouseModifiers {
  shift: boolean;
  alt: boolean;
  ctrl: boolean;
}

/** A lone Esc is told from the beginning of a sequence by the silence after it, in milliseconds. */
const ESCAPE_DELAY_MS = 30;
/** A sequence or a paste that never ends is given up at this size. */
const MAX_SEQUENCE = 256;
const MAX_PASTE = 64 * 1024;

const PASTE_START = "\u001b[200~";
const PASTE_END = "\u001b[201~";

/** Final characters of CSI and SS3 sequences. */
const FINAL_KEYS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "shift-tab",
};

/** First parameters of `CSI n ~`. */
const TILDE_KEYS: Readonly<Record<string, string>> = {
  "1": "home",
  "2": "insert",
  "3": "delete",
  "4": "end",
  "5": "pageup",
  "6": "pagedown",
  "7": "home",
  "8": "end",
  "11": "f1",
  "12": "f2",
  "13": "f3",
  "14": "f4",
  "15": "f5",
  "17": "f6",
  "18": "f7",
  "19": "f8",
  "20": "f9",
  "21": "f10",
  "23": "f11",
  "24": "f12",
};

const NAMED_CODES: Readonly<Record<number, string>> = {
  8: "backspace",
  9: "tab",
  13: "enter",
  27: "esc",
  32: "space",
  127: "backspace",
};

const KEY_NAMES = [FINAL_KEYS, TILDE_KEYS, NAMED_CODES].flatMap((names) => Object.values(names));
const KEY_NAME = new RegExp(`^(?:(?:ctrl|alt|shift)-)*(?:${KEY_NAMES.join("|")}|\\S)$`, "u");

/** Whether a key event can have this name. */
export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name);
}

/** CSI: parameters, intermediates, final. SS3: one character. OSC, DCS, PM, APC, SOS: up to BEL or ST. */
const CSI = /^\u001b\[([0-?]*)([ -/]*)([@-~])/;
const STRING_SEQUENCE = /^\u001b[\]PX^_][^\u0007\u001b]*(\u0007|\u001b\\)/;
const MOUSE = /^<(\d+);(\d+);(\d+)$/;

/**
 * Turns what a terminal sends into events, however it is cut into reads: keys in legacy, csi-u and
 * modifyOtherKeys encoding, SGR mouse, bracketed paste, focus. Answers to queries and anything unknown are
 * dropped, never typed.
 */
export class InputTokenizer {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onEvent: (event: InputEvent) => void;
  #pending = "";
  #paste: string | undefined;
  #escapeTimer: NodeJS.Timeout | undefined;

  constructor(onEvent: (event: InputEvent) => void) {
    this.#onEvent = onEvent;
  }

  feed(bytes: Buffer): void {
    clearTimeout(this.#escapeTimer);
    this.#pending += this.#decoder.write(bytes);
    while (this.#pending !== "" && this.#step());
    if (this.#pending !== "" && this.#paste === undefined) {
      this.#escapeTimer = setTimeout(() => this.#giveUpWaiting(), ESCAPE_DELAY_MS);
    }
  }

  close(): void {
    clearTimeout(this.#escapeTimer);
  }

  /** Takes one event off the pending text; false when more is needed. */
  #step(): boolean {
    if (this.#paste !== undefined) return this.#continuePaste();
    if (this.#pending.startsWith("\u001b")) return this.#escape();
    const character = String.fromCodePoint(this.#pending.codePointAt(0) ?? 0);
    this.#take(character.length);
    this.#key(character);
    return true;
  }

  #continuePaste(): boolean {
    const end = this.#pending.indexOf(PASTE_END);
    // The end may be cut: what could be its beginning stays.
    const upTo = end >= 0 ? end : Math.max(0, this.#pending.length - PASTE_END.length + 1);
    this.#paste = `${this.#paste ?? ""}${this.#pending.slice(0, upTo)}`.slice(0, MAX_PASTE);
    this.#take(upTo);
    if (end < 0) return false;
    this.#take(PASTE_END.length);
    this.#onEvent({ type: "paste", text: this.#paste });
    this.#paste = undefined;
    return true;
  }

  #escape(): boolean {
    const csi = CSI.exec(this.#pending);
    if (csi) {
      this.#take(csi[0].length);
      if (csi[0] === PASTE_START) this.#paste = "";
      else this.#csi(csi[1] ?? "", csi[3] ?? "");
      return true;
    }
    const string = STRING_SEQUENCE.exec(this.#pending);
    if (string) {
      this.#take(string[0].length);
      return true;
    }
    return this.#shortEscape();
  }

  /** SS3, alt with a key, or a sequence that is not complete yet. */
  #shortEscape(): boolean {
    const [, second, third] = this.#pending;
    if (second === undefined) return false;
    if (second === "[" || "]PX^_".includes(second)) {
      if (this.#pending.length <= MAX_SEQUENCE) return false;
      this.#take(this.#pending.length);
      return true;
    }
    if (second === "O") {
      if (third === undefined) return false;
      this.#take(3);
      const name = FINAL_KEYS[third];
      if (name !== undefined) this.#onEvent({ type: "key", name });
      return true;
    }
    if (second === "\u001b") {
      this.#take(1);
      this.#onEvent({ type: "key", name: "esc" });
      return true;
    }
    const character = String.fromCodePoint(this.#pending.codePointAt(1) ?? 0);
    this.#take(1 + character.length);
    this.#onEvent({ type: "key", name: `alt-${nameOf(character)}` });
    return true;
  }

  /** Nothing followed: an Esc on its own, or a sequence that was cut off and is worth nothing. */
  #giveUpWaiting(): void {
    const alone = this.#pending === "\u001b";
    this.#pending = "";
    if (alone) this.#onEvent({ type: "key", name: "esc" });
  }

  #csi(parameters: string, final: string): void {
    if (parameters.startsWith("<")) {
      this.#mouse(parameters, final);
      return;
    }
    if (parameters === "" && (final === "I" || final === "O")) {
      this.#onEvent({ type: "focus", focused: final === "I" });
      return;
    }
    const name = keyOfCsi(parameters, final);
    if (name === undefined) return;
    const text = [...name].length === 1 ? name : name === "space" ? " " : undefined;
    this.#onEvent(text === undefined ? { type: "key", name } : { type: "key", name, text });
  }

  #mouse(parameters: string, final: string): void {
    const [, code, column, row] = MOUSE.exec(parameters) ?? [];
    if (code === undefined) return;
    const action = mouseAction(Number(code), final);
    if (action === undefined) return;
    const bits = Number(code);
    this.#onEvent({
      type: "mouse",
      action,
      column: Number(column) - 1,
      row: Number(row) - 1,
      modifiers: { shift: (bits & 4) !== 0, alt: (bits & 8) !== 0, ctrl: (bits & 16) !== 0 },
    });
  }

  #key(character: string): void {
    const name = nameOf(character);
    const printable = name === "space" || (character >= " " && character !== "\u007f");
    this.#onEvent(printable ? { type: "key", name, text: character } : { type: "key", name });
  }

  #take(length: number): void {
    this.#pending = this.#pending.slice(length);
  }
}

/** The name of a key that arrives as one character. */
function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const named = NAMED_CODES[code];
  if (named !== undefined) return named;
  if (code === 0) return "ctrl-space";
  if (code < 27) return `ctrl-${String.fromCharCode(code + 96)}`;
  if (code < 32) return `ctrl-${String.fromCharCode(code + 64)}`;
  return character;
}

function keyOfCsi(parameters: string, final: string): string | undefined {
  const [first = "", second = "1", third] = parameters.split(";");
  if (final === "u") return withModifiers(keyOfCode(first), second);
  if (final === "~" && first === "27") return withModifiers(keyOfCode(third ?? ""), second);
  return withModifiers(final === "~" ? TILDE_KEYS[first] : FINAL_KEYS[final], second);
}

function keyOfCode(parameter: string): string | undefined {
  const code = Number(parameter.split(":")[0]);
  if (!Number.isInteger(code) || code <= 0 || code > 0x10ffff) return undefined;
  // Codes from 57344 on are kitty's functional keys (modifiers, keypad, media), which nothing here is bound to.
  if (code >= 57_344 && code <= 63_743) return undefined;
  return NAMED_CODES[code] ?? (code < 32 ? undefined : String.fromCodePoint(code));
}

/** `parameter` is 1 plus the bits of the modifiers, and in kitty's encoding `:` and the kind of event. */
function withModifiers(key: string | undefined, parameter: string): string | undefined {
  if (key === undefined) return undefined;
  const [modifiers, kind] = parameter.split(":");
  // The release of a key is no key.
  if (kind === "3") return undefined;
  const bits = Math.max(0, Number(modifiers || "1") - 1);
  const letter = [...key].length === 1;
  const shifted = (bits & 1) !== 0;
  const base = shifted && letter ? key.toUpperCase() : key;
  const shift = shifted && !letter && !key.startsWith("shift-") ? "shift-" : "";
  return `${(bits & 4) !== 0 ? "ctrl-" : ""}${(bits & 2) !== 0 ? "alt-" : ""}${shift}${base}`;
}

/** X11 button bits: 0-2 the buttons, 32 motion, 64 the wheel; 4, 8 and 16 are modifiers. */
function mouseAction(code: number, final: string): MouseAction | undefined {
  const button = code & 3;
  if ((code & 64) !== 0) return button === 0 ? "wheel-up" : button === 1 ? "wheel-down" : undefined;
  if ((code & 32) !== 0) return "move";
  if (final === "m") return "release";
  return (["press", "middle", "right"] as const)[button];
}
