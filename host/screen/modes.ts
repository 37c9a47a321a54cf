import { internalsOf, type Emulator, type EmulatorInternals } from "./internals.ts";

/** What a program has asked of its terminal besides the picture: how keys, mouse and cursor behave, and the title. */
export interface TerminalModes {
  /** DEC private modes by number; absent is reset. */
  readonly set: ReadonlySet<number>;
  /** CSI 20 h. */
  readonly newLine: boolean;
  /** ESC =. */
  readonly applicationKeypad: boolean;
  /** The number of the DECSCUSR shape, 0 for the terminal's own. */
  readonly cursorShape: number;
  /** xterm's modifyOtherKeys. */
  readonly modifyOtherKeys: number;
  /** Kitty keyboard flags pushed on each screen's stack; the last one counts. */
  readonly kitty: { readonly normal: readonly number[]; readonly alternate: readonly number[] };
  readonly alternateScreen: boolean;
  /** Colours the program has set: OSC number to specification. */
  readonly colours: ReadonlyMap<number, string>;
  readonly title: string | undefined;
}

export const DEFAULT_MODES: TerminalModes = {
  set: new Set(),
  newLine: false,
  applicationKeypad: false,
  cursorShape: 0,
  modifyOtherKeys: 0,
  kitty: { normal: [], alternate: [] },
  alternateScreen: false,
  colours: new Map(),
  title: undefined,
};

/** Modes that terminals know and the emulator does not: 5 reverse video, mouse encodings, wheel keys, theme reports. */
export const UNTRACKED_MODES: readonly number[] = [5, 1005, 1007, 1015, 2031];

const MOUSE_TRACKING: Readonly<Record<string, number>> = { X10: 9, VT200: 1000, DRAG: 1002, ANY: 1003 };
const MOUSE_ENCODING: Readonly<Record<string, number>> = { SGR: 1006, SGR_PIXELS: 1016 };

/** All modes in `TerminalModes.set`, in the order they are switched in: encodings before the tracking that uses them. */
const PRIVATE_MODES = [1, 5, 12, 45, 1004, 1005, 1006, 1007, 1015, 1016, 9, 1000, 1002, 1003, 2004, 2031];

/** Reads the modes that the emulator keeps; the tracker adds its own. */
export function emulatorModes(emulator: Emulator, internals: EmulatorInternals): Set<number> {
  const modes = internals.coreService.decPrivateModes;
  const set = new Set<number>();
  if (modes.applicationCursorKeys) set.add(1);
  if (emulator.options.cursorBlink) set.add(12);
  if (modes.reverseWraparound) set.add(45);
  if (modes.sendFocus) set.add(1004);
  if (modes.bracketedPasteMode) set.add(2004);
  const tracking = MOUSE_TRACKING[internals.coreMouseService.activeProtocol];
  if (tracking !== undefined) set.add(tracking);
  const encoding = MOUSE_ENCODING[internals.coreMouseService.activeEncoding];
  if (encoding !== undefined) set.add(encoding);
  return set;
}

export function cursorShape(internals: EmulatorInternals): number {
  const { cursorStyle, cursorBlink } = internals.coreService.decPrivateModes;
  if (cursorStyle === undefined) return 0;
  return { block: 2, underline: 4, bar: 6 }[cursorStyle] - (cursorBlink ? 1 : 0);
}

/** The sequences that bring a terminal from one set of modes to another, all but the screen and its kitty stack. */
export function modeChanges(from: TerminalModes, to: TerminalModes): string {
  let out = "";
  for (const mode of PRIVATE_MODES) if (from.set.has(mode) && !to.set.has(mode)) out += `\x1b[?${mode}l`;
  for (const mode of PRIVATE_MODES) if (!from.set.has(mode) && to.set.has(mode)) out += `\x1b[?${mode}h`;
  if (from.newLine !== to.newLine) out += to.newLine ? "\x1b[20h" : "\x1b[20l";
  if (from.applicationKeypad !== to.applicationKeypad) out += to.applicationKeypad ? "\x1b=" : "\x1b>";
  if (from.cursorShape !== to.cursorShape) out += `\x1b[${to.cursorShape} q`;
  if (from.modifyOtherKeys !== to.modifyOtherKeys) out += `\x1b[>4;${to.modifyOtherKeys}m`;
  for (const code of from.colours.keys()) if (!to.colours.has(code)) out += `\x1b]1${code}\x1b\\`;
  for (const [code, colour] of to.colours) if (from.colours.get(code) !== colour) out += `\x1b]${code};${colour}\x1b\\`;
  return out;
}

/** Not part of `modeChanges`, as titles are text and not ASCII. */
export function titleChange(from: TerminalModes, to: TerminalModes): string {
  return from.title === to.title ? "" : `\x1b]2;${to.title ?? ""}\x1b\\`;
}

/** Brings the kitty keyboard stack of the screen that the terminal shows from one state to another. */
export function kittyChanges(from: readonly number[], to: readonly number[]): string {
  if (from.length === to.length && from.every((flags, index) => flags === to[index])) return "";
  const pop = from.length > 0 ? `\x1b[<${from.length}u` : "";
  return pop + to.map((flags) => `\x1b[>${flags}u`).join("");
}

/** The most entries of a kitty stack, as in kitty itself: pushing more drops the oldest. */
export const KITTY_STACK_LIMIT = 8;
const COLOUR_SPECIFICATION = /^(#[0-9a-f]{6}|rgb:[0-9a-f]{1,4}(\/[0-9a-f]{1,4}){2})$/i;

/** Follows the modes that the emulator ignores. Lives as long as its emulator. */
export class ModeTracker {
  readonly #emulator: Emulator;
  readonly #internals: EmulatorInternals;
  readonly #untracked = new Set<number>();
  readonly #colours = new Map<number, string>();
  #kitty: { normal: number[]; alternate: number[] } = { normal: [], alternate: [] };
  #modifyOtherKeys = 0;
  #title: string | undefined;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
    this.#internals = internalsOf(emulator);
    emulator.onTitleChange((title) => (this.#title = title || undefined));
    this.#followPrivateModes();
    this.#followKeyboard();
    this.#followColours();
    emulator.parser.registerEscHandler({ final: "c" }, () => this.#reset());
  }

  read(): TerminalModes {
    const { decPrivateModes } = this.#internals.coreService;
    const set = emulatorModes(this.#emulator, this.#internals);
    for (const mode of this.#untracked) set.add(mode);
    return {
      set,
      newLine: this.#emulator.options.convertEol === true,
      applicationKeypad: decPrivateModes.applicationKeypad,
      cursorShape: cursorShape(this.#internals),
      modifyOtherKeys: this.#modifyOtherKeys,
      kitty: { normal: [...this.#kitty.normal], alternate: [...this.#kitty.alternate] },
      alternateScreen: this.alternateScreen,
      colours: new Map(this.#colours),
      title: this.#title,
    };
  }

  get title(): string | undefined {
    return this.#title;
  }

  get alternateScreen(): boolean {
    return this.#internals.buffers.active !== this.#internals.buffers.normal;
  }

  /** The kitty keyboard flags in force. */
  get kittyFlags(): number {
    return this.#kittyStack.at(-1) ?? 0;
  }

  isSet(mode: number): boolean {
    return this.#untracked.has(mode);
  }

  /** The colour that the program has set for OSC 10, 11 or 12. */
  colour(code: number): string | undefined {
    return this.#colours.get(code);
  }

  get #kittyStack(): number[] {
    return this.alternateScreen ? this.#kitty.alternate : this.#kitty.normal;
  }

  #followPrivateModes(): void {
    const { parser } = this.#emulator;
    const follow = (change: (mode: number) => void) => (params: (number | number[])[]) => {
      for (const mode of params) if (typeof mode === "number" && UNTRACKED_MODES.includes(mode)) change(mode);
      return false;
    };
    parser.registerCsiHandler(
      { prefix: "?", final: "h" },
      follow((mode) => this.#untracked.add(mode)),
    );
    parser.registerCsiHandler(
      { prefix: "?", final: "l" },
      follow((mode) => this.#untracked.delete(mode)),
    );
  }

  #followKeyboard(): void {
    const { parser } = this.#emulator;
    parser.registerCsiHandler({ prefix: ">", final: "u" }, ([flags]) => {
      this.#kittyStack.push(number(flags, 0));
      if (this.#kittyStack.length > KITTY_STACK_LIMIT) this.#kittyStack.shift();
      return true;
    });
    parser.registerCsiHandler({ prefix: "<", final: "u" }, ([count]) => {
      this.#kittyStack.splice(-Math.max(1, number(count, 1)));
      return true;
    });
    parser.registerCsiHandler({ prefix: "=", final: "u" }, ([flags, how]) => {
      const stack = this.#kittyStack;
      const now = this.kittyFlags;
      const change = number(flags, 0);
      const kind = number(how, 1);
      stack[Math.max(0, stack.length - 1)] = kind === 2 ? now | change : kind === 3 ? now & ~change : change;
      return true;
    });
    parser.registerCsiHandler({ prefix: ">", final: "m" }, ([resource, value]) => {
      const all = value === undefined && !resource;
      if (resource === 4 || all) this.#modifyOtherKeys = number(value, 0);
      return true;
    });
    parser.registerCsiHandler({ prefix: ">", final: "n" }, ([resource]) => {
      if (resource === 4) this.#modifyOtherKeys = 0;
      return true;
    });
  }

  /** OSC 10 to 12 set the foreground, background and cursor colour, several in a row; 110 to 112 reset them. */
  #followColours(): void {
    for (const code of [10, 11, 12]) {
      this.#emulator.parser.registerOscHandler(code, (data) => {
        data.split(";", 13 - code).forEach((specification, index) => {
          if (COLOUR_SPECIFICATION.test(specification)) this.#colours.set(code + index, specification);
        });
        return false;
      });
      this.#emulator.parser.registerOscHandler(100 + code, () => {
        this.#colours.delete(code);
        return true;
      });
    }
  }

  /** RIS. */
  #reset(): false {
    this.#untracked.clear();
    this.#colours.clear();
    this.#kitty = { normal: [], alternate: [] };
    this.#modifyOtherKeys = 0;
    return false;
  }
}

function number(parameter: number | number[] | undefined, otherwise: number): number {
  return typeof parameter === "number" && parameter >= 0 ? parameter : otherwise;
}
