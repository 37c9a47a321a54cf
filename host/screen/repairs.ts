import {
  internalsOf,
  type BufferInternals,
  type Emulator,
  type EmulatorInternals,
  type ExtendedInternals,
} from "./internals.ts";

type Parameters = (number | number[])[];

/**
 * Mends what the emulator does wrong: what would end the process, and where terminals agree on something else. Returns
 * what then completes each buffer's saved cursor.
 */
export function repair(emulator: Emulator): SavedCursors {
  const internals = internalsOf(emulator);
  eraseUpToTheLastCell(emulator, internals);
  shrinkAlternateScreen(emulator, internals);
  resetEverything(emulator, internals);
  return new SavedCursors(emulator, internals);
}

/** What the emulator's own saved cursor lacks. */
export interface SavedPlace {
  readonly row: number;
  readonly extended: ExtendedInternals;
}

/**
 * Completes the saved cursor (DECSC): its row is a place on the screen, where the emulator lets it scroll away with
 * the text until scrollback is full; and its pen has an underline style and colour.
 */
export class SavedCursors {
  readonly #places = new WeakMap<BufferInternals, SavedPlace>();
  readonly #internals: EmulatorInternals;

  constructor({ parser }: Emulator, internals: EmulatorInternals) {
    this.#internals = internals;
    const { buffers } = internals;
    const save = (): false => this.#save();
    const restore = (): false => this.#restore(buffers.active);
    parser.registerEscHandler({ final: "7" }, save);
    parser.registerEscHandler({ final: "8" }, restore);
    parser.registerCsiHandler({ final: "s" }, save);
    parser.registerCsiHandler({ final: "u" }, restore);
    parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => {
      this.#places.delete(buffers.active);
      return false;
    });
    parser.registerCsiHandler({ prefix: "?", final: "h" }, (modes) => modes.some(savesCursor) && save());
    parser.registerCsiHandler({ prefix: "?", final: "l" }, (modes) => {
      if (modes.includes(1048)) restore();
      return modes.includes(1049) && this.#restore(buffers.normal);
    });
  }

  of(buffer: BufferInternals): SavedPlace {
    return this.#places.get(buffer) ?? { row: 0, extended: buffer.savedCurAttrData.extended };
  }

  #save(): false {
    const { buffers, _inputHandler } = this.#internals;
    // The emulator treats `extended` as immutable.
    this.#places.set(buffers.active, { row: buffers.active.y, extended: _inputHandler._curAttrData.extended });
    return false;
  }

  /** Runs before the emulator's own restoring, which sets the rest. */
  #restore(buffer: BufferInternals): false {
    const { row, extended } = this.of(buffer);
    buffer.savedY = buffer.ybase + row;
    this.#internals._inputHandler._curAttrData.extended = extended;
    return false;
  }
}

/** An alternate screen that shrinks while it is not shown would keep the space, and later use it for scrollback. */
function shrinkAlternateScreen(emulator: Emulator, { buffers }: EmulatorInternals): void {
  emulator.onResize(({ rows }) => {
    if (buffers.active !== buffers.alt) buffers.alt.lines.maxLength = rows;
  });
}

/** Erasing up to the last cell of a screen that has no lines below throws; it is erasing everything. */
function eraseUpToTheLastCell(emulator: Emulator, { buffers, _inputHandler }: EmulatorInternals): void {
  const erase = (respectProtect: boolean) => (params: Parameters) => {
    const { active } = buffers;
    const throws = params[0] === 1 && active.x + 1 >= emulator.cols && active.lines.get(active.y + 1) === undefined;
    return throws && _inputHandler.eraseInDisplay({ params: [2] }, respectProtect);
  };
  emulator.parser.registerCsiHandler({ final: "J" }, erase(false));
  emulator.parser.registerCsiHandler({ prefix: "?", final: "J" }, erase(true));
}

function savesCursor(mode: number | number[]): boolean {
  return mode === 1048 || mode === 1049;
}

/** A reset (RIS) leaves these as they were. */
function resetEverything(emulator: Emulator, internals: EmulatorInternals): void {
  emulator.parser.registerEscHandler({ final: "c" }, () => {
    internals.coreService.isCursorHidden = false;
    emulator.options.cursorBlink = false;
    emulator.options.convertEol = false;
    return false;
  });
}
