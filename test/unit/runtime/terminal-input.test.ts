import { expect, test } from "vitest";
import { InputTokenizer, type InputEvent } from "../../../runtime/terminal-input.ts";
import { waitFor } from "../../support/wait-for.ts";

function eventsOf(...reads: (string | Buffer)[]): InputEvent[] {
  const events: InputEvent[] = [];
  const tokenizer = new InputTokenizer((event) => events.push(event));
  for (const read of reads) tokenizer.feed(Buffer.from(read as string));
  tokenizer.close();
  return events;
}

const names = (events: InputEvent[]) => events.map((event) => (event.type === "key" ? event.name : event.type));

test("keys in legacy encoding", () => {
  const keys = eventsOf(
    "a",
    "A",
    "\r",
    "\t",
    " ",
    "\u007f",
    "\u0003",
    "\u001b[A",
    "\u001bOB",
    "\u001b[5~",
    "\u001bx",
    "é",
  );
  expect(names(keys)).toEqual([
    ...["a", "A", "enter", "tab", "space", "backspace", "ctrl-c", "up", "down", "pageup", "alt-x", "é"],
  ]);
  expect(keys[0]).toEqual({ type: "key", name: "a", text: "a" });
  expect(keys[2]).toEqual({ type: "key", name: "enter" });
});

test("keys in csi-u and modifyOtherKeys encoding", () => {
  expect(names(eventsOf("\u001b[99;5u\u001b[27;5;99~\u001b[97;2u\u001b[13u\u001b[Z\u001b[1;5C\u001b[9;2u"))).toEqual([
    ...["ctrl-c", "ctrl-c", "A", "enter", "shift-tab", "ctrl-right", "shift-tab"],
  ]);
});

test("the release of a key and a modifier on its own are no keys", () => {
  expect(eventsOf("\u001b[97;1:3u\u001b[57441;2u")).toEqual([]);
});

test("press and release in one read are two events", () => {
  expect(eventsOf("\u001b[<0;5;3M\u001b[<0;5;3m")).toEqual([
    { type: "mouse", action: "press", column: 4, row: 2, modifiers: { shift: false, alt: false, ctrl: false } },
    { type: "mouse", action: "release", column: 4, row: 2, modifiers: { shift: false, alt: false, ctrl: false } },
  ]);
});

test("wheel, right button and modifiers", () => {
  const events = eventsOf("\u001b[<64;1;1M\u001b[<65;1;1M\u001b[<2;1;1M\u001b[<8;1;1M\u001b[<35;1;1M");
  expect(events.map((event) => event.type === "mouse" && event.action)).toEqual([
    ...["wheel-up", "wheel-down", "right", "press", "move"],
  ]);
  expect(events[3]).toMatchObject({ modifiers: { alt: true } });
});

test("a sequence cut anywhere is the same sequence", () => {
  const whole = "\u001b[<0;12;34M\u001b[200~pasted\u001b[201~\u001b[Aé日";
  const bytes = Buffer.from(whole);
  for (let at = 1; at < bytes.length; at++) {
    expect(eventsOf(bytes.subarray(0, at), bytes.subarray(at)), `cut at ${at}`).toEqual(eventsOf(whole));
  }
});

test("a paste is one event, whatever is in it", () => {
  expect(eventsOf("\u001b[200~a\r\u001b[Ab\u001b[201~c")).toEqual([
    { type: "paste", text: "a\r\u001b[Ab" },
    { type: "key", name: "c", text: "c" },
  ]);
});

test("focus", () => {
  expect(eventsOf("\u001b[I\u001b[O")).toEqual([
    { type: "focus", focused: true },
    { type: "focus", focused: false },
  ]);
});

test("answers to queries are not typed", () => {
  expect(
    eventsOf(
      "\u001b[?62;22c\u001b]11;rgb:0000/0000/0000\u001b\\\u001b]10;rgb:0/0/0\u0007\u001b[?1u\u001bP1$r0m\u001b\\",
    ),
  ).toEqual([]);
});

test("a lone Esc is a key once nothing follows it", async () => {
  const events: InputEvent[] = [];
  const tokenizer = new InputTokenizer((event) => events.push(event));
  tokenizer.feed(Buffer.from("\u001b"));
  expect(events).toEqual([]);
  await waitFor("the Esc key", () => events.length > 0);
  expect(names(events)).toEqual(["esc"]);
});

test("a sequence that never ends does not take what is typed after it", async () => {
  const events: InputEvent[] = [];
  const tokenizer = new InputTokenizer((event) => events.push(event));
  tokenizer.feed(Buffer.from(`\u001b]0;${"x".repeat(400)}`));
  tokenizer.feed(Buffer.from("q"));
  await waitFor("the key", () => events.length > 0);
  expect(names(events)).toContain("q");
});
