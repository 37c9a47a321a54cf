import type xterm from "@xterm/headless";

/**
 * The one place that knows how @xterm/headless keeps its state. Its public API lacks underline styles, the pen, the
 * saved cursor, the scroll region, tab stops, charsets and the parser's state, all of which an exact repaint needs.
 * `screen-internals.test.ts` fails when an upgrade changes any of it.
 */
export type Emulator = xterm.Terminal;

/** Where a cell's parts are in `LineInternals._data`: three 32-bit words a cell. */
export const CELL_WORDS = 3;

/** Word 0 of a cell. */
export const CODE_POINT = 0x1fffff;
export const IS_COMBINED = 0x200000;
export const HAS_CONTENT = 0x3fffff;
export const WIDTH_SHIFT = 22;

/** Words 1 and 2 of a cell: 24 bits of colour, two of colour mode, the rest flags. */
export const COLOUR = 0x3ffffff;
export const COLOUR_MODE = 0x3000000;
export const COLOUR_16 = 0x1000000;
export const COLOUR_256 = 0x2000000;
export const COLOUR_RGB = 0x3000000;

/** Flags in the foreground word. */
export const INVERSE = 0x4000000;
export const BOLD = 0x8000000;
export const UNDERLINE = 0x10000000;
export const BLINK = 0x20000000;
export const INVISIBLE = 0x40000000;
export const STRIKETHROUGH = 0x80000000;

/** Flags in the background word. */
export const ITALIC = 0x4000000;
export const DIM = 0x8000000;
export const HAS_EXTENDED = 0x10000000;
export const OVERLINE = 0x40000000;

/** Bits of `ExtendedInternals.ext` that matter: the underline's colour (like a colour word) and style. */
export const UNDERLINE_COLOUR = 0x3ffffff;
export const UNDERLINE_STYLE_SHIFT = 26;

export interface ExtendedInternals {
  readonly ext: number;
}

export interface AttributeInternals {
  readonly fg: number;
  readonly bg: number;
  readonly extended: ExtendedInternals;
}

export interface LineInternals {
  readonly _data: Uint32Array;
  readonly _combined: Readonly<Record<number, string>>;
  readonly _extendedAttrs: Readonly<Record<number, ExtendedInternals | undefined>>;
  readonly isWrapped: boolean;
  readonly length: number;
}

/** A character set: replacements of ASCII characters; undefined is plain ASCII. */
export type Charset = Readonly<Record<string, string>> | undefined;

export interface BufferInternals {
  readonly lines: {
    readonly length: number;
    maxLength: number;
    get(index: number): LineInternals | undefined;
    onTrim(listener: (amount: number) => void): { dispose(): void };
  };
  /** Index of the first line of the viewport: the number of lines of scrollback. */
  readonly ybase: number;
  /** The cursor in the viewport; `x` equals the number of columns when a wrap is pending. */
  readonly x: number;
  readonly y: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Readonly<Record<number, boolean | undefined>>;
  /** DECSC; `savedY` counts from the first line of scrollback. */
  readonly savedX: number;
  savedY: number;
  readonly savedCurAttrData: AttributeInternals;
  readonly savedCharset: Charset;
}

export interface EmulatorInternals {
  readonly buffers: {
    readonly normal: BufferInternals;
    readonly active: BufferInternals;
    readonly alt: BufferInternals;
    onBufferActivate(listener: () => void): { dispose(): void };
  };
  readonly coreService: {
    isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: {
      readonly applicationCursorKeys: boolean;
      readonly applicationKeypad: boolean;
      readonly bracketedPasteMode: boolean;
      readonly cursorBlink: boolean | undefined;
      readonly cursorStyle: "block" | "underline" | "bar" | undefined;
      readonly origin: boolean;
      readonly reverseWraparound: boolean;
      readonly sendFocus: boolean;
      readonly synchronizedOutput: boolean;
      readonly wraparound: boolean;
    };
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly _charsetService: {
    readonly charset: Charset;
    readonly glevel: number;
    readonly _charsets: readonly Charset[];
  };
  readonly _inputHandler: {
    /** Synchronous, as no handler of ours returns a promise. */
    parse(bytes: Uint8Array): void;
    /** CSI J, and CSI ? J with `respectProtect`. */
    eraseInDisplay(params: { readonly params: readonly number[] }, respectProtect: boolean): boolean;
    readonly _curAttrData: Omit<AttributeInternals, "extended"> & { extended: ExtendedInternals };
    /** `currentState` 0 is ground; `precedingJoinState` is 0 unless a character was parsed last. */
    readonly _parser: { readonly currentState: number; readonly precedingJoinState: number };
    readonly _utf8Decoder: { readonly interim: Uint8Array };
  };
}

export function internalsOf(emulator: Emulator): EmulatorInternals {
  return (emulator as unknown as { _core: EmulatorInternals })._core;
}

/** A line by its index from the first of scrollback; undefined beyond the last, where the emulator's list wraps around. */
export function lineAt(buffer: BufferInternals, index: number): LineInternals | undefined {
  return index < buffer.lines.length ? buffer.lines.get(index) : undefined;
}

/** Whether the next byte starts a new character or sequence. */
export function isAtGround(internals: EmulatorInternals): boolean {
  const { _parser, _utf8Decoder } = internals._inputHandler;
  return _parser.currentState === 0 && _utf8Decoder.interim[0] === 0;
}
