import { expect, test } from "vitest";
import { parseOpenFiles, parseRows } from "../../../adapters/agents/process-table-darwin.ts";

// As ps(1) and lsof(8) of macOS document their output; not yet seen on a real one.
test("lines of ps are read with commands that hold anything", () => {
  const rows = parseRows(
    [
      "  501     1 ??       Ss   /sbin/launchd",
      " 9120   880 ttys003  S+   pi",
      "77 1 ttys001 T node /x/pi -p  two  blanks",
      "garbage",
    ].join("\n"),
  );
  expect([...rows.values()]).toEqual([
    { pid: 501, parent: 1, tty: "??", state: "Ss", command: "/sbin/launchd" },
    { pid: 9120, parent: 880, tty: "ttys003", state: "S+", command: "pi" },
    { pid: 77, parent: 1, tty: "ttys001", state: "T", command: "node /x/pi -p  two  blanks" },
  ]);
});

test("open files of lsof are read by descriptor", () => {
  const files = parseOpenFiles("p9120\nfcwd\nn/Users/me/my work\nf0\nn/dev/ttys003\nf1\nn/dev/ttys003\n");
  expect(Object.fromEntries(files)).toEqual({ cwd: "/Users/me/my work", "0": "/dev/ttys003", "1": "/dev/ttys003" });
  expect(parseOpenFiles("").size).toBe(0);
});
