import { expect, test } from "vitest";
import { PACKAGE_VERSION } from "../../../runtime/version.ts";
import { Screen } from "../../../host/screen/screen.ts";

async function answersTo(output: string, colours: Parameters<Screen["setColours"]>[0] = {}): Promise<string[]> {
  const screen = new Screen({ size: { cols: 80, rows: 24 }, scrollback: 100 });
  const answers: string[] = [];
  screen.onReply = (bytes) => answers.push(bytes.toString());
  screen.setColours(colours);
  screen.write(Buffer.from(output));
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
  return answers;
}

const DARK = { foreground: "#e0e0e0", background: "#101820" };

test.each([
  ["primary device attributes", "\x1b[c", "\x1b[?1;2c"],
  ["the same, spelt with 0", "\x1b[0c", "\x1b[?1;2c"],
  ["secondary device attributes", "\x1b[>c", "\x1b[>0;276;0c"],
  ["status", "\x1b[5n", "\x1b[0n"],
  ["cursor position", "\x1b[3;7H\x1b[6n", "\x1b[3;7R"],
  ["cursor position, DEC", "\x1b[3;7H\x1b[?6n", "\x1b[?3;7R"],
  ["a mode that is set", "\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"],
  ["a mode that is reset", "\x1b[?2026$p", "\x1b[?2026;2$y"],
  ["a mode that only we track", "\x1b[?2031h\x1b[?2031$p", "\x1b[?2031;1$y"],
  ["an unknown mode", "\x1b[?4242$p", "\x1b[?4242;0$y"],
  ["an ANSI mode", "\x1b[4$p", "\x1b[4;2$y"],
  ["kitty keyboard flags", "\x1b[?u", "\x1b[?0u"],
  ["kitty keyboard flags that were pushed", "\x1b[>7u\x1b[?u", "\x1b[?7u"],
  ["kitty keyboard flags, popped", "\x1b[>7u\x1b[>1u\x1b[<u\x1b[?u", "\x1b[?7u"],
  ["kitty keyboard flags of the alternate screen", "\x1b[>7u\x1b[?1049h\x1b[?u", "\x1b[?0u"],
  ["version", "\x1b[>q", `\x1bP>|pisync(${PACKAGE_VERSION})\x1b\\`],
  ["size in characters", "\x1b[18t", "\x1b[8;24;80t"],
  ["foreground colour", "\x1b]10;?\x07", "\x1b]10;rgb:e0e0/e0e0/e0e0\x1b\\"],
  ["background colour", "\x1b]11;?\x1b\\", "\x1b]11;rgb:1010/1818/2020\x1b\\"],
  [
    "background colour that the child has set",
    "\x1b]11;rgb:f/8/0\x07\x1b]11;?\x07",
    "\x1b]11;rgb:ffff/8888/0000\x1b\\",
  ],
  ["cursor colour that the child has set", "\x1b]12;#ff0000\x07\x1b]12;?\x07", "\x1b]12;rgb:ffff/0000/0000\x1b\\"],
  ["colour scheme", "\x1b[?996n", "\x1b[?997;1n"],
  ["colour scheme after the child made it light", "\x1b]11;#ffffff\x07\x1b[?996n", "\x1b[?997;2n"],
  ["termcap", "\x1bP+q544e\x1b\\", "\x1bP0+r\x1b\\"],
  ["whether program status is taken", "\x1b]7501;?\x1b\\", "\x1b]7501;?\x1b\\"],
  ["pen", "\x1b[1;4:3;31m\x1bP$qm\x1b\\", "\x1bP1$r0;1;4:3;31m\x1b\\"],
  ["default pen", "\x1bP$qm\x1b\\", "\x1bP1$r0m\x1b\\"],
  ["cursor shape", "\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r5 q\x1b\\"],
  ["margins", "\x1b[2;5r\x1bP$qr\x1b\\", "\x1bP1$r2;5r\x1b\\"],
])("%s: exactly one answer", async (_name, query, answer) => {
  expect(await answersTo(query, DARK)).toEqual([answer]);
});

test.each([
  ["pixel size", "\x1b[14t"],
  ["cell size in pixels", "\x1b[16t"],
  ["title", "\x1b]2;evil\x07\x1b[21t"],
  ["icon title", "\x1b[20t"],
  ["palette", "\x1b]4;0;?;1;?\x07"],
  ["clipboard", "\x1b]52;c;?\x07"],
  ["colours that nobody has told", "\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07\x1b[?996n"],
])("%s: no answer", async (_name, query) => {
  expect(await answersTo(query)).toEqual([]);
});

test("two colours asked for at once are answered in order", async () => {
  expect(await answersTo("\x1b]10;?;?\x07", DARK)).toEqual([
    "\x1b]10;rgb:e0e0/e0e0/e0e0\x1b\\",
    "\x1b]11;rgb:1010/1818/2020\x1b\\",
  ]);
});

test.each([
  ["0.73", "\x1b[?u\x1b[>4;2m", ["\x1b[?0u"]],
  ["0.87", "\x1b[>7u\x1b[?u\x1b[c\x1b]11;?\x07", ["\x1b[?7u", "\x1b[?1;2c", "\x1b]11;rgb:1010/1818/2020\x1b\\"]],
  [
    "1.5",
    "\x1b[>7u\x1b[?u\x1b[c\x1b[c\x1b[?2031h\x1b[?996n\x1b]10;?\x07\x1b]11;?\x07" +
      Array.from({ length: 16 }, (_, index) => `\x1b]4;${index};?\x07`).join(""),
    [
      "\x1b[?7u",
      "\x1b[?1;2c",
      "\x1b[?1;2c",
      "\x1b[?997;1n",
      "\x1b]10;rgb:e0e0/e0e0/e0e0\x1b\\",
      "\x1b]11;rgb:1010/1818/2020\x1b\\",
    ],
  ],
])("what pi %s asks at its start is answered once", async (_version, queries, answers) => {
  expect(await answersTo(queries, DARK)).toEqual(answers);
});
