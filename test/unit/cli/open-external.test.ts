import { describe, expect, it } from "vitest";
import { choicesFor } from "../../../cli/open-external.ts";
import { session } from "./sessions.ts";

describe("what can be done instead of opening a conversation twice", () => {
  const keys = (fields: Parameters<typeof session>[0]) =>
    choicesFor(session({ kind: "external", ...fields }))
      .map(({ key }) => key)
      .join("");
  const tty = "/dev/pts/3";
  const conversation = { id: "0196", path: "/sessions/0196.jsonl" };

  it("is everything for a pi in tmux, or in a session of pisync", () => {
    expect(keys({ conversation, terminal: { tty, tmux: { socket: "/s", pane: "%7" } } })).toBe("jfwq");
    expect(keys({ conversation, terminal: { tty, session: "abcdefgh" } })).toBe("jfwq");
  });

  it("is no jump to a terminal that cannot be brought here, and no fork without a file", () => {
    expect(keys({ conversation, terminal: { tty } })).toBe("fwq");
    expect(keys({ conversation: { id: "0196" } })).toBe("wq");
  });
});
