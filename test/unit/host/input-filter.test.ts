import { expect, onTestFinished, test, vi } from "vitest";
import { InputFilter } from "../../../host/input-filter.ts";

const text = (bytes: Buffer): string => bytes.toString("latin1");

function passed(...chunks: string[]): string {
  const filter = new InputFilter();
  const out = chunks.map((chunk) => text(filter.push(Buffer.from(chunk, "latin1")))).join("");
  return out + text(filter.flush());
}

const REPLIES: readonly (readonly [string, string])[] = [
  ["DA1", "\x1b[?1;2c"],
  ["DA1 of a VT420", "\x1b[?64;1;2;6;22c"],
  ["DA2", "\x1b[>41;354;0c"],
  ["cursor position", "\x1b[24;80R"],
  ["cursor position in the first row", "\x1b[1;1R"],
  ["cursor position, DEC", "\x1b[?24;80R"],
  ["status", "\x1b[0n"],
  ["colour scheme", "\x1b[?997;1n"],
  ["mode, DEC", "\x1b[?2026;2$y"],
  ["mode, ANSI", "\x1b[4;2$y"],
  ["kitty keyboard flags", "\x1b[?7u"],
  ["size in characters", "\x1b[8;24;80t"],
  ["size in pixels", "\x1b[4;600;800t"],
  ["cell size", "\x1b[6;16;8t"],
  ["in-band resize", "\x1b[48;24;80;600;800t"],
  ["graphics", "\x1b[?1;0;256S"],
  ["modifyOtherKeys", "\x1b[>4;2m"],
  ["version", "\x1bP>|tmux 3.3a\x1b\\"],
  ["setting", "\x1bP1$r0m\x1b\\"],
  ["termcap", "\x1bP1+r544e=787465726d\x1b\\"],
  ["colour", "\x1b]11;rgb:1010/1010/1010\x07"],
  ["colour with ST", "\x1b]10;rgb:1010/1010/1010\x1b\\"],
  ["clipboard", "\x1b]52;c;c2VjcmV0\x07"],
  ["kitty graphics", "\x1b_Gi=31;OK\x1b\\"],
  ["title", "\x1b]ltitle\x1b\\"],
  ["privacy message", "\x1b^text\x1b\\"],
];

const KEYS: readonly (readonly [string, string])[] = [
  ["text", "hello"],
  ["control keys", "\x01\x03\x1a\x7f\r\n\t"],
  ["UTF-8", "caf\xc3\xa9 \xf0\x9f\x98\x80"],
  ["bytes that are not UTF-8", "\xff\xfe\x80\x9b1;2R"],
  ["arrows", "\x1b[A\x1b[1;5C\x1bOB"],
  ["function keys", "\x1bOP\x1bOR\x1b[15~\x1b[1;2P\x1b[1;5S\x1b[[A"],
  ["F3 with modifiers", "\x1b[1;2R\x1b[1;8R"],
  ["shift and right in rxvt", "\x1b[c"],
  ["kitty keys", "\x1b[97;5u\x1b[27u\x1b[13;2u\x1b[97;1:3u\x1b[57441;2:1u"],
  ["modifyOtherKeys", "\x1b[27;5;13~"],
  ["SGR mouse", "\x1b[<0;10;20M\x1b[<0;10;20m\x1b[<64;1;1M"],
  ["old mouse", "\x1b[M !!\x1b[M#\x83\x83"],
  ["focus", "\x1b[I\x1b[O"],
  ["Alt and letters", "\x1ba\x1bf\x1b\x7f\x1b\r"],
  ["Alt and the letters that begin strings", "\x1bP\x1b]\x1b_\x1b^\x1bX"],
  ["Esc twice", "\x1b\x1b[A"],
  ["Esc at the end", "a\x1b"],
  ["a sequence that breaks off", "\x1b[1;\x03"],
];

test.each(REPLIES)("%s does not reach the child", (_name, reply) => {
  expect(passed(`a${reply}b`)).toBe("ab");
});

test.each(REPLIES)("%s does not reach the child when it comes in pieces", (_name, reply) => {
  for (let at = 1; at < reply.length; at++) expect(passed(`a${reply.slice(0, at)}`, `${reply.slice(at)}b`)).toBe("ab");
  expect(passed(...`a${reply}b`)).toBe("ab");
});

test.each(KEYS)("%s: byte for byte, whole or in pieces", (_name, keys) => {
  expect(passed(keys)).toBe(keys);
  expect(passed(...keys)).toBe(keys);
});

test("what is pasted passes whole, whatever it looks like", () => {
  const pasted = `\x1b[200~${REPLIES.map(([, reply]) => reply).join("")}\x1b[200~\x1b[201\x1b[201~`;
  expect(passed(`a${pasted}b`)).toBe(`a${pasted}b`);
  expect(passed(...`a${pasted}b`)).toBe(`a${pasted}b`);
  expect(passed(`${pasted}\x1b[?1;2cb`)).toBe(`${pasted}b`);
});

test("a lone Esc waits a few milliseconds, a longer beginning longer, anything else not at all", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const filter = new InputFilter();
  expect(text(filter.push(Buffer.from("a\x1b")))).toBe("a");
  expect(filter.flushAfterMs).toBeGreaterThan(0);
  expect(filter.flushAfterMs).toBeLessThanOrEqual(10);
  expect(text(filter.push(Buffer.from("[?1")))).toBe("");
  expect(filter.flushAfterMs).toBeLessThanOrEqual(50);
  expect(text(filter.flush())).toBe("\x1b[?1");
  expect(filter.flushAfterMs).toBeUndefined();
  expect(text(filter.push(Buffer.from(";2c")))).toBe(";2c");
  expect(filter.flushAfterMs).toBeUndefined();
});

test("the wait counts from the beginning of the sequence", async () => {
  const filter = new InputFilter();
  filter.push(Buffer.from("\x1b]"));
  const first = filter.flushAfterMs ?? 0;
  const end = performance.now() + first;
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  filter.push(Buffer.from("1"));
  expect(filter.flushAfterMs).toBeLessThanOrEqual(50 - first);
});

test("a string that never ends is let through at 4 KiB", () => {
  const filter = new InputFilter();
  let out = "";
  for (let index = 0; index < 100; index++)
    out += text(filter.push(Buffer.from(index === 0 ? "\x1b]" : "x".repeat(100))));
  expect(out.length + filter.flush().length).toBe(2 + 99 * 100);
  expect(out.length).toBeGreaterThan(0);
});
