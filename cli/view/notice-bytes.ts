import { plainText } from "../../runtime/sanitise.ts";

const MAX_CELLS = 200;

/**
 * A desktop notification as terminals take one: OSC 9 (iTerm2, WezTerm, ghostty, kitty, Windows Terminal) or
 * OSC 777 (urxvt, foot, VTE), and the bell for all others. What a terminal does not know it ignores.
 */
export function noticeBytes(text: string): Buffer {
  // A semicolon would end a parameter, and some terminals read "OSC 9;4" as progress.
  const plain = plainText(text, { maxCells: MAX_CELLS }).replaceAll(";", ",");
  return Buffer.from(`\u001b]9;pisync: ${plain}\u001b\\\u001b]777;notify;pisync;${plain}\u001b\\\u0007`);
}
