/**
 * A key the view acts on itself. A terminal sends it as `byte`, or, when the program has switched on the kitty
 * keyboard protocol or xterm's modifyOtherKeys, as a code point with modifiers.
 */
export interface Key {
  readonly byte: number;
  readonly codePoint: number;
  readonly ctrl: boolean;
}

/** The key `ctrl-X`. X is a letter or one of `\ ] ^ _`. */
export function controlKey(character: string): Key {
  const codePoint = character.charCodeAt(0);
  return { byte: codePoint & 0x1f, codePoint, ctrl: true };
}

/** A key that types an ASCII character. */
export function plainKey(character: string): Key {
  const codePoint = character.charCodeAt(0);
  return { byte: codePoint, codePoint, ctrl: false };
}

/** The key that a valid setting names, e.g. `ctrl-\`; runtime/config.ts says which are valid. */
export function keyOfSetting(setting: string): Key {
  return controlKey(setting.slice("ctrl-".length));
}

/** Terminals send Ctrl with 6 as Ctrl-^, which is above it on many keyboards; kitty's protocol tells them apart. */
const DIGIT_OF_CARET = 54;
const CARET = 94;

const SHIFT = 1;
const CTRL = 4;
/** Caps Lock and Num Lock are reported as modifiers; they change nothing about a control key. */
const LOCKS = 64 | 128;

/**
 * Whether the parameters and final byte of a CSI sequence are a press of the key.
 *
 * kitty: `CSI code[:shifted[:base]] ; modifiers[:event] [; text] u`, with modifiers + 1 and event 1 for a press
 * (https://sw.kovidgoyal.net/kitty/keyboard-protocol/). xterm: `CSI 27 ; modifiers ; code ~`.
 */
export function isPress(key: Key, parameters: string, final: string): boolean {
  const fields = parameters.split(";").map((field) => field.split(":").map(Number));
  if (final === "~") {
    return fields.length === 3 && fields[0]?.[0] === 27 && fits(key, fields[2]?.[0], modifiersOf(fields[1]?.[0]));
  }
  if (final !== "u") return false;
  const [codes = [], [modifiers, event] = []] = fields;
  if (event !== undefined && event !== 1) return false;
  const [code = 0, shifted, base] = codes;
  const held = modifiersOf(modifiers);
  if (fits(key, code, held)) return true;
  if (shifted === key.codePoint && held === (key.ctrl ? CTRL : 0) + SHIFT) return true;
  // On a layout without Latin letters the place of the key on the keyboard is what counts.
  return code > 127 && fits(key, base, held);
}

function fits(key: Key, code: number | undefined, held: number): boolean {
  const named = code === DIGIT_OF_CARET && key.ctrl ? CARET : code;
  return named === key.codePoint && held === (key.ctrl ? CTRL : 0);
}

function modifiersOf(parameter: number | undefined): number {
  return ((parameter || 1) - 1) & ~LOCKS;
}
