import { writeSync } from "node:fs";
import { cellWidth } from "../../runtime/cell-width.ts";
import { plainText } from "../../runtime/sanitise.ts";

/** Alternate screen, no cursor, cleared. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[2J";
const LEAVE = "\u001b[?25h\u001b[?1049l";

export interface HomeScreenEvents {
  /** What one press of a key sends. */
  onKey(key: string): void;
  /** The terminal is gone. */
  onGone(): void;
}

/**
 * What a view of the workspace shows while it has no session: a few centred lines. It has the terminal from
 * `enter` to `close`, and gives it back when the process ends meanwhile.
 */
export class HomeScreen {
  readonly #events: HomeScreenEvents;
  #lines: readonly string[] = [];
  #shown = false;

  constructor(events: HomeScreenEvents) {
    this.#events = events;
  }

  enter(): void {
    this.#shown = true;
    process.on("exit", this.#giveBack);
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdin.on("data", this.#onData);
    process.stdin.on("end", this.#onGone);
    process.stdout.on("resize", this.#draw);
    process.stdout.write(ENTER);
  }

  /** These lines in place of those shown; nothing once it is closed. */
  show(lines: readonly string[]): void {
    this.#lines = lines;
    this.#draw();
  }

  close(): void {
    process.stdin.off("data", this.#onData);
    process.stdin.off("end", this.#onGone);
    process.stdout.off("resize", this.#draw);
    this.#giveBack();
    process.off("exit", this.#giveBack);
    process.stdin.pause();
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#events.onKey(bytes.toString("latin1"));
  };

  readonly #onGone = (): void => this.#events.onGone();

  readonly #draw = (): void => {
    if (!this.#shown) return;
    const { columns, rows } = process.stdout;
    const top = Math.max(0, Math.floor((rows - this.#lines.length) / 2));
    const drawn = this.#lines.slice(0, rows).map((line, index) => {
      const text = plainText(line, { maxCells: columns });
      const left = Math.max(0, Math.floor((columns - cellWidth(text)) / 2));
      return `\u001b[${top + index + 1};${left + 1}H${text}`;
    });
    process.stdout.write(`\u001b[2J${drawn.join("")}`);
  };

  readonly #giveBack = (): void => {
    if (!this.#shown) return;
    this.#shown = false;
    try {
      process.stdin.setRawMode(false);
      writeSync(1, LEAVE);
    } catch {
      // The terminal is gone.
    }
  };
}
