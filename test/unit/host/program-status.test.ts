import { describe, expect, test } from "vitest";
import { parseProgramStatus, type ProgramStatus } from "../../../host/program-status.ts";
import { Screen } from "../../../host/screen/screen.ts";

const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString("base64");

describe("OSC 7501", () => {
  test.each<[string, ProgramStatus]>([
    ["state=idle:app=pi", { state: "idle" }],
    [`state=working:app=pi:msg=${base64("A session")}`, { state: "working", message: "A session" }],
    [`state=blocked:kind=question:msg=${base64("Sure?")}`, { state: "blocked", message: "Sure?" }],
    [`msg=${base64("401")}:state=error`, { state: "error", message: "401" }],
    [`state=done:msg=${base64("\x1b[31mred\x1b[0m\u202e\n")}`, { state: "done", message: "red" }],
    ["state=done:msg=not base64!", { state: "done" }],
    [`state=done:msg=${base64(Uint8Array.of(0xff, 0xfe))}`, { state: "done", message: "\ufffd\ufffd" }],
  ])("%s", (data, expected) => {
    expect(parseProgramStatus(data)).toEqual(expected);
  });

  test.each([
    "",
    "?",
    "state=clear",
    "state=",
    "state=idle;x",
    "state=IDLE",
    "working",
    `state=idle:msg=${"a".repeat(5_000)}`,
  ])("is not read from %.20s", (data) => {
    expect(parseProgramStatus(data)).toBeUndefined();
  });

  test("reaches the host in order, from whatever pieces", async () => {
    const screen = new Screen({ size: { cols: 20, rows: 4 }, scrollback: 10 });
    const reports: ProgramStatus[] = [];
    screen.onProgramStatus = (report) => reports.push(report);
    const output = `a\x1b]7501;state=working:app=pi\x1b\\b\x1b]7501;state=nonsense\x07\x1b]7501;state=done:msg=${base64("x")}\x07c`;
    for (const byte of Buffer.from(output)) screen.write(Uint8Array.of(byte));
    await new Promise<void>((resolve) => screen.whenParsed(resolve));
    expect(reports).toEqual([{ state: "working" }, { state: "done", message: "x" }]);
    expect(screen.plainText()).toBe("abc");
  });
});
