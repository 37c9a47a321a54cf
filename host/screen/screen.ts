import xterm from "@xterm/headless";
import type { Size } from "../../protocol/session.ts";
import { parseProgramStatus, PROGRAM_STATUS_OSC, type ProgramStatus } from "../program-status.ts";
import { internalsOf, isAtGround, type Emulator, type EmulatorInternals } from "./internals.ts";
import { ModeTracker, type TerminalModes } from "./modes.ts";
import { ParsingQueue } from "./parsing.ts";
import { repair, type SavedCursors } from "./repairs.ts";
import { CLUSTER_WIDTHS } from "./widths.ts";
import { answerQueries, type Colours } from "../terminal-queries.ts";

/** A title longer than this many UTF-16 units is ignored. */
const TITLE_LIMIT = 1024;

/** Where the screen stood when a view's terminal got its last raw bytes. */
export interface ScreenMark {
  /** `Screen.scrolledLines` then. */
  readonly scrolledLines: number;
  /** `Screen.screenSwitches` then. */
  readonly screenSwitches: number;
  /** `Screen.historyClears` then. */
  readonly historyClears: number;
  readonly modes: TerminalModes;
}

/**
 * What the child's terminal shows: the one emulator of a host, fed with every byte of the child's output. Views that
 * cannot be served with the bytes themselves are painted from it by a `ScreenPainter`. It also answers the child's
 * terminal queries, so that exactly one answer reaches the child however many views there are.
 */
export class Screen {
  /** Answers to the child's queries, for the owner to write to the PTY. */
  onReply: (bytes: Buffer) => void = () => {};
  /** The child has told its terminal of its state (OSC 7501). */
  onProgramStatus: (report: ProgramStatus) => void = () => {};
  /** The child has called its terminal so (OSC 0, 1 or 2), or has taken back a title, which then is undefined. */
  onTitle: (title: string | undefined) => void = () => {};
  /** An error of the emulator, for the log: up to 16 KiB of output are missing from the screen. */
  onParseError: (error: unknown) => void = () => {};

  /** For painters. */
  readonly internals: EmulatorInternals;
  readonly savedCursors: SavedCursors;
  readonly #emulator: Emulator;
  readonly #parsing: ParsingQueue;
  readonly #modes: ModeTracker;
  #colours: Colours = {};
  #trimmed = 0;
  #scrollOffset = 0;
  #switches = 0;
  #historyClears = 0;
  #trimListener: { dispose(): void } | undefined;

  /** `scrollback` is the most lines kept above the viewport. */
  constructor(options: { size: Size; scrollback: number }) {
    this.#emulator = new xterm.Terminal({
      ...options.size,
      scrollback: options.scrollback,
      allowProposedApi: true,
      logLevel: "off",
      windowOptions: { getWinSizeChars: true, pushTitle: true, popTitle: true },
    });
    this.internals = internalsOf(this.#emulator);
    this.#emulator.unicode.register(CLUSTER_WIDTHS);
    this.#emulator.unicode.activeVersion = CLUSTER_WIDTHS.version;
    this.savedCursors = repair(this.#emulator);
    this.#parsing = new ParsingQueue(this.internals);
    this.#parsing.onError = (error) => this.onParseError(error);
    this.#modes = new ModeTracker(this.#emulator);
    this.#ignoreCostlyStrings();
    this.#followTitles();
    this.#countScrolledLines();
    this.#countHistoryClears();
    this.#readProgramStatus();
    answerQueries(this.#emulator, this.#modes, {
      colours: () => this.#colours,
      reply: (text) => this.onReply(Buffer.from(text)),
    });
  }

  /** Queues output for parsing, in order. The bytes are not copied. The caller bounds `pendingBytes`. */
  write(bytes: Uint8Array): void {
    this.#parsing.push(bytes);
  }

  /** Bytes written and not parsed yet. */
  get pendingBytes(): number {
    return this.#parsing.pendingBytes;
  }

  /** Calls back when all that was written until now is parsed, before anything written later is: at once if it is. */
  whenParsed(callback: () => void): void {
    this.#parsing.whenParsed(callback);
  }

  /** Whether what was parsed ends between characters and sequences: only there are snapshots exact. */
  get atGround(): boolean {
    return isAtGround(this.internals);
  }

  /** The colours of a view's terminal, `#rrggbb`, to answer the child's questions with; unknown ones get no answer. */
  setColours(colours: Colours): void {
    this.#colours = { ...colours };
  }

  /** Resizes at once: to be called when everything written for the old size is parsed. */
  resize(size: Size): void {
    const before = this.scrolledLines;
    this.#emulator.resize(size.cols, size.rows);
    this.#scrollOffset += before - this.scrolledLines;
  }

  /** At least 2 columns: the emulator has no narrower screen. */
  get size(): Size {
    return { cols: this.#emulator.cols, rows: this.#emulator.rows };
  }

  get title(): string | undefined {
    return this.#modes.title;
  }

  get modes(): TerminalModes {
    return this.#modes.read();
  }

  /** Lines that have left the top of the normal screen's viewport, ever; a resize or reset does not change it. */
  get scrolledLines(): number {
    return this.#trimmed + this.internals.buffers.normal.ybase + this.#scrollOffset;
  }

  /** How often the normal and the alternate screen were switched. */
  get screenSwitches(): number {
    return this.#switches;
  }

  /** How often the child cleared the scrollback (`CSI 3 J`), as pi does before it draws its transcript anew. */
  get historyClears(): number {
    return this.#historyClears;
  }

  /** Whether a terminal that shows the screen at `mark` needs more than frames: its history is no longer right. */
  hasMovedOn(mark: ScreenMark): boolean {
    return (
      mark.scrolledLines !== this.scrolledLines ||
      mark.screenSwitches !== this.#switches ||
      mark.historyClears !== this.#historyClears
    );
  }

  /**
   * Remembers what a terminal shows that got every byte until now and will get no more. Call it in `whenParsed`, so
   * that the bytes it got are the bytes parsed.
   */
  mark(): ScreenMark {
    const { scrolledLines, screenSwitches, historyClears, modes } = this;
    return { scrolledLines, screenSwitches, historyClears, modes };
  }

  /**
   * The text of the viewport, and up to `scrollback` lines above it, without trailing blanks; at most `maxBytes` of
   * UTF-8, from whole lines at the end.
   */
  plainText({ scrollback = 0, maxBytes = Infinity }: { scrollback?: number; maxBytes?: number } = {}): string {
    const buffer = this.#emulator.buffer.active;
    const first = Math.max(0, buffer.baseY - scrollback);
    const lines: string[] = [];
    let bytes = 0;
    for (let index = buffer.baseY + this.#emulator.rows - 1; index >= first; index--) {
      const line = buffer.getLine(index)?.translateToString(true) ?? "";
      if (lines.length === 0 && line === "") continue;
      bytes += Buffer.byteLength(line) + 1;
      if (bytes > maxBytes) break;
      lines.push(line);
    }
    return lines.reverse().join("\n").trimEnd();
  }

  /** Rows of the normal screen's viewport down to the last one that shows something or holds the cursor. */
  get rowsInUse(): number {
    const buffer = this.#emulator.buffer.normal;
    let row = this.#emulator.rows;
    while (row > buffer.cursorY + 1 && !buffer.getLine(buffer.baseY + row - 1)?.translateToString(true)) row--;
    return row;
  }

  dispose(): void {
    this.#parsing.close();
    this.#trimListener?.dispose();
    this.#emulator.dispose();
  }

  /** Hyperlinks make the emulator 30 times slower and are not painted. */
  #ignoreCostlyStrings(): void {
    this.#emulator.parser.registerOscHandler(8, () => true);
  }

  /** Titles are bounded. XTPOPTITLE can bring back one of a terminal's own, which the emulator does not know. */
  #followTitles(): void {
    const { parser } = this.#emulator;
    for (const code of [0, 1, 2]) {
      parser.registerOscHandler(code, (title) => {
        this.onTitle(title);
        return title.length > TITLE_LIMIT;
      });
    }
    parser.registerCsiHandler({ final: "t" }, ([operation]) => {
      if (operation === 23) this.onTitle(undefined);
      return false;
    });
  }

  #readProgramStatus(): void {
    this.#emulator.parser.registerOscHandler(PROGRAM_STATUS_OSC, (data) => {
      const report = parseProgramStatus(data);
      if (report) this.onProgramStatus(report);
      return report !== undefined;
    });
  }

  #countHistoryClears(): void {
    this.#emulator.parser.registerCsiHandler({ final: "J" }, (params) => {
      const normal = this.#emulator.buffer.active.type === "normal";
      if (params[0] === 3 && normal) this.#historyClears++;
      return false;
    });
  }

  #countScrolledLines(): void {
    const { buffers } = this.internals;
    let normal: typeof buffers.normal | undefined;
    const follow = (): void => {
      if (buffers.normal === normal) return;
      const before = normal === undefined ? 0 : this.#trimmed + normal.ybase;
      normal = buffers.normal;
      this.#scrollOffset += before - this.#trimmed - normal.ybase;
      this.#trimListener?.dispose();
      this.#trimListener = normal.lines.onTrim((amount) => (this.#trimmed += amount));
    };
    follow();
    buffers.onBufferActivate(() => {
      this.#switches++;
      follow();
    });
  }
}
