import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Ending } from "../../../protocol/session.ts";
import { MARKS, markOf, showsUnicode } from "../../../runtime/session-marks.ts";
import { NOW, session, status } from "../sidebar/sessions.ts";

const ended = (ending: Partial<Ending>) =>
  markOf(
    session("aaaaaaaa", { kind: "resumable", ending: { at: NOW, cause: "exited", interrupted: false, ...ending } }),
  );

test("each mark has a shape of its own, but what failed has one, live or ended", () => {
  const shapes = Object.values(MARKS).flatMap(({ unicode, ascii }) => [unicode, ascii]);
  expect(new Set(shapes).size).toBe(shapes.length - 2);
  expect(MARKS.failed).toMatchObject({ unicode: MARKS.error.unicode, ascii: MARKS.error.ascii });
});

test("what runs has the mark of its status", () => {
  const of = (...facts: Parameters<typeof status>) => markOf(session("aaaaaaaa", { status: status(...facts) }));
  expect(of("waiting")).toBe("waiting");
  expect(of("idle")).toBe("idle");
  expect(of("idle", { unseen: true })).toBe("unseen");
  expect(markOf(session("aaaaaaaa", { kind: "external" }))).toBe("idle");
});

test("a command says of itself only that it runs", () => {
  const working = status("working", { source: "process" });
  expect(markOf(session("aaaaaaaa", { agent: "command", status: working }))).toBe("running");
  expect(markOf(session("aaaaaaaa", { status: working }))).toBe("working");
});

test("what ended badly is told from what ended", () => {
  expect(ended({ exitCode: 0 })).toBe("resumable");
  expect(ended({ exitCode: 3 })).toBe("failed");
  expect(ended({ cause: "host-died" })).toBe("failed");
  expect(ended({ cause: "killed", signal: 15 })).toBe("resumable");
  const cutOff = session("aaaaaaaa", { kind: "resumable", status: status("interrupted") });
  expect(markOf(cutOff)).toBe("interrupted");
});

test("only a UTF-8 locale and tmux show more than ASCII", () => {
  expect(showsUnicode({ LC_ALL: "C", LANG: "C.UTF-8" })).toBe(false);
  expect(showsUnicode({ LC_CTYPE: "de_DE.utf8" })).toBe(true);
  expect(showsUnicode({ TMUX: "/tmp/tmux-0/default,1,0", LC_ALL: "C" })).toBe(true);
});

test("docs/cli.md has the table", async () => {
  const text = await readFile(join(import.meta.dirname, "..", "..", "..", "docs", "cli.md"), "utf8");
  for (const { unicode, ascii, meaning } of Object.values(MARKS)) {
    expect(text.replace(/ +/g, " ")).toContain(`| \`${unicode}\` | \`${ascii}\` | ${meaning} |`);
  }
});
