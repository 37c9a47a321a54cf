import { describe, expect, it } from "vitest";
import { explanationLines, wrapped } from "../../../cli/explanation-lines.ts";
import { clockTime } from "../../../runtime/clock-time.ts";
import { NOW, plainContext, session } from "./sessions.ts";

describe("explanationLines", () => {
  it("gives each fact with who said it, from what, and when", () => {
    const lines = explanationLines(
      {
        schemaVersion: 1,
        session: session(),
        facts: [
          { fact: "status", value: "idle", source: "extension", evidence: "The run ended.", at: NOW },
          { fact: "title", value: "Fix the login bug", source: "conversation", evidence: "In /home/ann/x." },
        ],
      },
      { ...plainContext, width: 49 },
    );
    expect(lines).toEqual([
      "~/shop",
      "  • k3x9abcd  Fix the login bug",
      "",
      "  status        idle",
      `                extension, ${clockTime(NOW, NOW)} (0s ago): The`,
      "                run ended.",
      "",
      "  title         Fix the login bug",
      "                conversation: In ~/x.",
    ]);
  });

  it("keeps what it quotes harmless", () => {
    const fact = { fact: "title", value: "\x1b[2Jx", source: "a\nb", evidence: "\u202ey" } as const;
    const text = explanationLines({ schemaVersion: 1, session: session(), facts: [fact] }, plainContext).join("");
    expect(text).not.toMatch(/[\x00-\x1f\u202e]/);
  });
});

describe("wrapped", () => {
  it.each([
    ["", []],
    ["a bb ccc", ["a bb", "ccc"]],
    ["longerthanroom b", ["longerthanroom", "b"]],
    ["中文 中文", ["中文", "中文"]],
  ])("breaks %j between words", (text, lines) => {
    expect(wrapped(text, 5)).toEqual(lines);
  });
});
