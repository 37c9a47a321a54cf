/**
 * Makes room for a session's screen in a terminal that shows something else: what is on it moves into its
 * scrollback, and the session's screen starts at the top left corner. The title is saved on xterm's stack.
 */
export function prepareScreen(rows: number): string {
  return `\x1b[22;0t\x1b[m\x1b[J\r${"\n".repeat(rows)}\x1b[H`;
}

/**
 * Where the cursor goes when the terminal is given back: `keep` leaves it where a program that has ended put
 * it; a number takes it under that many rows, which are in use; `below` takes it under the whole screen, for when
 * nobody could say how many are.
 */
export type CursorAtEnd = "keep" | "below" | number;

/** Ends a string sequence that was cut off, so that what follows is not swallowed by it. */
const END_OF_STRING = "\x1b\\";

/** Keyboard protocols: kitty's flags (of the screen in use) and modifyOtherKeys. */
const LEGACY_KEYBOARD = "\x1b[<99u\x1b[=0;1u\x1b[>4;0m";

const MODES_OFF = [
  "9", // mouse, in all its forms
  "1000",
  "1001",
  "1002",
  "1003",
  "1005",
  "1006",
  "1015",
  "1016",
  "1004", // focus reports
  "2004", // bracketed paste
  "2026", // synchronised output
  "2031", // reports of the colour scheme
  "2048", // reports of the size
  "1", // application cursor keys
  "5", // reverse video
  "45", // reverse wrap
  "69", // left and right margins
];

/** Modes and attributes that a reset does not take with it and that do not move the cursor. */
const SETTLED = [
  ...MODES_OFF.map((mode) => `\x1b[?${mode}l`),
  "\x1b[?7h", // wrap at the edge
  "\x1b[?25h", // visible cursor
  "\x1b[0 q", // in the user's shape
  "\x1b[4l\x1b[20l", // no insert mode, no automatic carriage return
  "\x1b>", // numeric keypad
  "\x1b(B\x1b)B\x0f", // ASCII
  "\x1b]8;;\x1b\\", // no hyperlink
  "\x1b[m",
].join("");

/** Origin mode and the scroll region; both take the cursor to the corner. */
const WHOLE_SCREEN = "\x1b[?6l\x1b[r";

/**
 * Undoes everything a program can have switched on in the view's terminal, whatever of it was.
 * @param inAlternate whether the terminal shows its alternate screen. Only then is it left: a terminal that
 *   is not in it would move the cursor to a place saved long ago (tmux, xterm).
 */
export function resetTerminal(rows: number, cursor: CursorAtEnd, inAlternate: boolean): string {
  const leaveAlternate = inAlternate ? `${LEGACY_KEYBOARD}\x1b[?1049l` : "";
  const last = Math.min(rows, typeof cursor === "number" ? cursor : rows);
  const placed = cursor === "keep" ? `\x1b7${WHOLE_SCREEN}\x1b8` : `${WHOLE_SCREEN}\x1b[${last};1H\r\n`;
  return `${END_OF_STRING}${leaveAlternate}${LEGACY_KEYBOARD}${placed}${SETTLED}\x1b[23;0t`;
}

const ALTERNATE = Buffer.from("\x1b[?1049");
const H = 0x68;

/** Follows whether output has switched to the alternate screen. Sequences may be split over chunks. */
export class AlternateScreenWatch {
  #carry: Buffer = Buffer.alloc(0);
  #active = false;

  get active(): boolean {
    return this.#active;
  }

  see(chunk: Buffer): void {
    const data = Buffer.concat([this.#carry, chunk]);
    const at = data.lastIndexOf(ALTERNATE);
    const final = at < 0 ? undefined : data[at + ALTERNATE.length];
    if (final !== undefined) this.#active = final === H;
    this.#carry = Buffer.from(data.subarray(-ALTERNATE.length));
  }
}
