import type { BufferInternals, Charset, LineInternals } from "../../../../host/screen/internals.ts";
import { isCharacter, penAt, printable } from "../../../../host/screen/line.ts";
import { COLOUR, COLOUR_MODE } from "../../../../host/screen/internals.ts";
import { marksBlank, penOf } from "../../../../host/screen/sgr.ts";
import type { Screen } from "../../../../host/screen/screen.ts";

/**
 * What an observer could tell two screens apart by, as paths and values of both; empty when there is nothing. Blank
 * cells count as equal when they look equal: what is under an invisible colour does not.
 */
export function differences(left: Screen, right: Screen, options: { history?: number } = {}): string[] {
  const found: string[] = [];
  compare("", describe(left, options.history), describe(right, options.history), found);
  return found;
}

function compare(path: string, left: unknown, right: unknown, found: string[]): void {
  if (typeof left === "object" && left !== null && typeof right === "object" && right !== null) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare(`${path}/${key}`, (left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key], found);
    }
  } else if (left !== right) {
    found.push(`${path}: ${JSON.stringify(left)} / ${JSON.stringify(right)}`);
  }
}

function describe(screen: Screen, history: number | undefined): object {
  const { coreService, buffers, _inputHandler, _charsetService } = screen.internals;
  const modes = screen.modes;
  const alternate = buffers.active !== buffers.normal;
  return {
    normal: describeBuffer(screen, buffers.normal, !alternate, history),
    ...(alternate ? { alternate: describeBuffer(screen, buffers.active, true, history) } : {}),
    cursor: { x: buffers.active.x, y: buffers.active.y, hidden: coreService.isCursorHidden },
    drawing: {
      insert: coreService.modes.insertMode,
      origin: coreService.decPrivateModes.origin,
      wrap: coreService.decPrivateModes.wraparound,
      synchronised: coreService.decPrivateModes.synchronizedOutput,
    },
    modes: {
      ...modes,
      set: [...modes.set].sort().join(),
      colours: JSON.stringify([...modes.colours]),
      kitty: alternate ? modes.kitty : { normal: modes.kitty.normal },
    },
    pen: penOf(_inputHandler._curAttrData.fg, _inputHandler._curAttrData.bg, _inputHandler._curAttrData.extended),
    charset: charsetOf(_charsetService.charset),
  };
}

function describeBuffer(screen: Screen, buffer: BufferInternals, active: boolean, history = Infinity): object {
  const { cols, rows } = screen.size;
  const first = Math.max(0, buffer.ybase - (buffer === screen.internals.buffers.normal ? history : 0));
  const lines: Record<string, object> = {};
  for (let index = first; index < buffer.ybase + rows; index++) {
    const line = buffer.lines.get(index);
    if (!line) continue;
    const pendingRow = active && buffer.x >= cols && index === buffer.ybase + buffer.y;
    lines[index - buffer.ybase] = {
      cells: describeLine(line, cols, pendingRow),
      ...(index > first && rows > 1 ? { wrapped: line.isWrapped } : {}),
    };
  }
  const { fg, bg } = buffer.savedCurAttrData;
  const { row, extended } = screen.savedCursors.of(buffer);
  return {
    lines,
    margins: `${buffer.scrollTop}-${buffer.scrollBottom}`,
    tabs: Array.from({ length: cols }, (_, column) => (buffer.tabs[column] ? "|" : ".")).join(""),
    saved: {
      x: Math.min(buffer.savedX, cols - 1),
      y: Math.min(rows - 1, row),
      pen: penOf(fg, bg, extended),
      charset: charsetOf(buffer.savedCharset),
    },
  };
}

function describeLine(line: LineInternals, cols: number, pendingRow: boolean): string {
  const cells: string[] = [];
  for (let column = 0; column < cols; column++) {
    const pen = penAt(line, column);
    if (isCharacter(line, column, cols)) {
      const { text, width } = printable(line, column);
      cells.push(`${text}:${pen.fg},${pen.bg},${pen.ext}`);
      if (width === 2) column++;
      continue;
    }
    // An empty cell that shows its pen is painted as a space; so is one whose wrap is pending.
    const asSpace = marksBlank(pen) || (pendingRow && column === cols - 1);
    if (asSpace) cells.push(` :${marksBlank(pen) ? pen.fg : 0},${pen.bg},${marksBlank(pen) ? pen.ext : 0}`);
    else cells.push(pen.bg & COLOUR_MODE ? `:${pen.bg & COLOUR}` : "");
  }
  return cells.join("|").replace(/\|+$/, "");
}

function charsetOf(charset: Charset): string {
  return charset === undefined ? "" : JSON.stringify(charset);
}
