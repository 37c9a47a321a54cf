import { PACKAGE_VERSION } from "../runtime/version.ts";
import { PROGRAM_STATUS_ANSWER, PROGRAM_STATUS_OSC, PROGRAM_STATUS_QUERY } from "./program-status.ts";
import { internalsOf, type Emulator } from "./screen/internals.ts";
import { cursorShape, UNTRACKED_MODES, type ModeTracker } from "./screen/modes.ts";
import { DEFAULT_PEN, penOf, sgr } from "./screen/sgr.ts";

/** Colours of a view's terminal, `#rrggbb`. */
export interface Colours {
  readonly foreground?: string | undefined;
  readonly background?: string | undefined;
}

export interface QueryHost {
  /** What is known of the views' colours; a question about an unknown one gets no answer. */
  colours(): Colours;
  /** Gives an answer to the child. */
  reply(answer: string): void;
}

/**
 * Answers the child's terminal queries, each exactly once, however many terminals are attached and also when none is;
 * what those answer is filtered out (`input-filter.ts`).
 *
 * The emulator answers device attributes, status and cursor reports, modes, size (CSI 18 t) and some settings. Here:
 * kitty keyboard flags, version, colours and colour scheme, modes that only we track, the pen and the cursor's shape,
 * whether program status is taken (it is), and termcap queries (XTGETTCAP) with "no such capability". Without an answer, as on terminals that lack them: pixel
 * sizes, palette colours (OSC 4), clipboard and title.
 */
export function answerQueries(emulator: Emulator, modes: ModeTracker, host: QueryHost): void {
  emulator.onData((answer) => host.reply(answer));
  answerIdentity(emulator, host);
  answerModes(emulator, modes, host);
  answerColours(emulator, modes, host);
  answerSettings(emulator, host);
}

function answerIdentity({ parser }: Emulator, host: QueryHost): void {
  parser.registerCsiHandler({ prefix: ">", final: "q" }, ([kind]) => {
    if (kind === 0) host.reply(`\x1bP>|pisync(${PACKAGE_VERSION})\x1b\\`);
    return true;
  });
  parser.registerDcsHandler({ intermediates: "+", final: "q" }, () => {
    host.reply("\x1bP0+r\x1b\\");
    return true;
  });
  parser.registerOscHandler(PROGRAM_STATUS_OSC, (data) => {
    if (data !== PROGRAM_STATUS_QUERY) return false;
    host.reply(PROGRAM_STATUS_ANSWER);
    return true;
  });
}

function answerModes({ parser }: Emulator, modes: ModeTracker, host: QueryHost): void {
  parser.registerCsiHandler({ prefix: "?", final: "u" }, () => {
    host.reply(`\x1b[?${modes.kittyFlags}u`);
    return true;
  });
  parser.registerCsiHandler({ prefix: "?", intermediates: "$", final: "p" }, ([mode]) => {
    if (typeof mode !== "number" || !UNTRACKED_MODES.includes(mode)) return false;
    host.reply(`\x1b[?${mode};${modes.isSet(mode) ? 1 : 2}$y`);
    return true;
  });
}

function answerColours({ parser }: Emulator, modes: ModeTracker, host: QueryHost): void {
  const colourOf = (code: number): string | undefined => {
    const { foreground, background } = host.colours();
    return modes.colour(code) ?? (code === 10 ? foreground : code === 11 ? background : undefined);
  };
  for (const code of [10, 11, 12]) {
    parser.registerOscHandler(code, (data) => {
      data.split(";", 13 - code).forEach((part, index) => {
        const known = part === "?" ? colourOf(code + index) : undefined;
        if (known) host.reply(`\x1b]${code + index};rgb:${channels(known).map(hex16).join("/")}\x1b\\`);
      });
      return false;
    });
  }
  parser.registerCsiHandler({ prefix: "?", final: "n" }, ([kind]) => {
    if (kind !== 996) return false;
    const background = colourOf(11);
    if (background) host.reply(`\x1b[?997;${isDark(background) ? 1 : 2}n`);
    return true;
  });
}

/** DECRQSS: the emulator would always answer that the pen is the default one and the cursor a block. */
function answerSettings(emulator: Emulator, host: QueryHost): void {
  const internals = internalsOf(emulator);
  emulator.parser.registerDcsHandler({ intermediates: "$", final: "q" }, (setting) => {
    if (setting === "m") {
      const { fg, bg, extended } = internals._inputHandler._curAttrData;
      const pen = sgr(DEFAULT_PEN, penOf(fg, bg, extended)) || "\x1b[0m";
      host.reply(`\x1bP1$r${pen.slice(2)}\x1b\\`);
      return true;
    }
    if (setting !== " q") return false;
    host.reply(`\x1bP1$r${cursorShape(internals)} q\x1b\\`);
    return true;
  });
}

/** Red, green and blue from 0 to 1 of `#rrggbb` or `rgb:r/g/b` with one to four digits each. */
function channels(colour: string): number[] {
  const digits = colour.startsWith("#") ? (colour.slice(1).match(/../g) ?? []) : colour.slice(4).split("/");
  return digits.map((channel) => parseInt(channel, 16) / (16 ** channel.length - 1));
}

function hex16(channel: number): string {
  return Math.round(channel * 0xffff)
    .toString(16)
    .padStart(4, "0");
}

/** By perceived brightness (ITU-R BT.601). */
function isDark(colour: string): boolean {
  const [red = 0, green = 0, blue = 0] = channels(colour);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 0.5;
}
