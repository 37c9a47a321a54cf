import xterm from "@xterm/headless";
import { SIZE } from "./contenders.ts";

/** The characters and colours of the screen that a terminal of SIZE shows after these bytes, as text to compare. */
export async function drawnScreen(output: readonly Uint8Array[]): Promise<string> {
  const terminal = new xterm.Terminal({ ...SIZE, scrollback: 100, allowProposedApi: true, logLevel: "off" });
  try {
    for (const bytes of output) await new Promise<void>((resolve) => terminal.write(bytes, resolve));
    const { active } = terminal.buffer;
    const rows = Array.from({ length: SIZE.rows }, (_, row) => rowOf(active, active.baseY + row));
    return `${rows.join("\n")}\ncursor ${active.cursorX} ${active.cursorY}`;
  } finally {
    terminal.dispose();
  }
}

function rowOf(buffer: xterm.IBuffer, y: number): string {
  const line = buffer.getLine(y);
  const cells = Array.from({ length: SIZE.cols }, (_, x) => {
    const cell = line?.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) return "";
    const style = [cell.isBold(), cell.isUnderline(), cell.isInverse(), cell.getFgColorMode(), cell.getBgColorMode()];
    return `${cell.getChars() || " "}${style.map(Number).join()}:${cell.getFgColor()},${cell.getBgColor()};`;
  });
  return cells.join("");
}
