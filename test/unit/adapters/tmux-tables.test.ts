import { describe, expect, it, test } from "vitest";
import {
  clientOf,
  parseClients,
  parsePanes,
  parseVisible,
  parseWindow,
} from "../../../adapters/multiplexers/tmux/tmux-tables.ts";

describe("tables of tmux", () => {
  it("are read line by line, without dead panes and control clients", () => {
    expect(parsePanes("$0 %0 0 /dev/pts/1\n$1 %0 0 /dev/pts/1\n$1 %12 1 /dev/pts/2\n$1 %13  /dev/ttys004\n")).toEqual([
      { session: "$0", pane: "%0", tty: "/dev/pts/1" },
      { session: "$1", pane: "%0", tty: "/dev/pts/1" },
      { session: "$1", pane: "%13", tty: "/dev/ttys004" },
    ]);
    expect(parseClients("0 1700000000 $1 %12 /dev/pts/0\n1 1700000001 $1 %12 \n")).toEqual([
      { tty: "/dev/pts/0", session: "$1", pane: "%12", activity: 1_700_000_000 },
    ]);
  });

  it("of one window say which pane is the sidebar's, and which was used last", () => {
    const size = { cols: 80, rows: 24 };
    expect(parseWindow("%0 0 1 plain 80 24 /dev/pts/1\n%1 1  docked 80 24 /dev/pts/2\n%2 0  plain 80 24 \n")).toEqual([
      { pane: "%0", tty: "/dev/pts/1", size, docked: false, rank: 1 },
      { pane: "%1", tty: "/dev/pts/2", size, docked: true, rank: 0 },
    ]);
  });

  it.each([
    "",
    "no server running",
    "$0 %0 0 /dev/pts/1 more",
    "$0 %0 0 pts/1",
    "%0 $0 0 /dev/pts/1",
    "$0 %0 0 /dev/\x1b[31m",
  ])("leave out what has another shape: %j", (line) => {
    expect(parsePanes(line)).toEqual([]);
    expect(parseClients(line)).toEqual([]);
    expect(parseWindow(line)).toEqual([]);
  });
});

describe("the terminal of somebody who works in a pane", () => {
  const pane = (session: string, id: string) => ({ session, pane: id, tty: "/dev/pts/9" });
  const client = (tty: string, session: string, id: string, activity: number) => ({ tty, session, pane: id, activity });
  const panes = [pane("$0", "%0"), pane("$0", "%1"), pane("$1", "%2")];

  it("is one in which the pane is active, else one that shows its session, the one used last", () => {
    const [other, older, newer] = [
      client("o", "$1", "%2", 99),
      client("a", "$0", "%1", 10),
      client("b", "$0", "%1", 20),
    ];
    expect(clientOf("%0", [other, older, newer], panes)?.tty).toBe("b");
    expect(clientOf("%0", [other, newer, client("c", "$0", "%0", 1)], panes)?.tty).toBe("c");
  });

  it("does not exist when nobody sees the session, or the pane is gone", () => {
    expect(clientOf("%0", [client("o", "$1", "%2", 99)], panes)).toBeUndefined();
    expect(clientOf("%7", [client("o", "$1", "%2", 99)], panes)).toBeUndefined();
  });
});

test("visible is what stands in the current window of an attached client, and is not covered by a zoomed pane", () => {
  const lines = [
    ["1 1 0 0", "beside"],
    ["2 1 1 1", "zoomed"],
    ["1 1 1 0", "covered"],
    ["1 0 0 1", "window"],
    ["0 1 0 1", "detached"],
    ["1 1 0 1", "#(evil)"],
  ].map(([flags, name]) => `${flags} /dev/${name}`);
  expect(parseVisible(lines.join("\n"))).toEqual(["/dev/beside", "/dev/zoomed", "/dev/#(evil)"]);
  expect(parseVisible("1 1 0 1\n1 1 0 1 \n1 1 0 1 pts/1\n")).toEqual([]);
});
