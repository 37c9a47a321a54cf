import type { Emulator } from "./screen-internals.ts";
import type { ModeTracker } from "./screen-modes.ts";

export interface Colours {
  readonly foreground?: string | undefined;
  readonly background?: string | undefined;
}

export function answerQueries(
  emulator: Emulator,
  _modes: ModeTracker,
  host: { colours(): Colours; reply(text: string): void },
): void {
  emulator.onData((text) => host.reply(text));
}
