import { expect, test } from "vitest";
import type { Ending } from "../../../../protocol/session.ts";
import { homeLines, leftNow, type Left } from "../../../../cli/view/home-lines.ts";
import { NOW, session } from "../sessions.ts";

const target = { session: "k3x9abcd", socket: "/run/k3x9abcd-1.sock", title: "Before" };
const LEFT = {
  detached: { kind: "detached", to: "shell", target },
  exited: { kind: "exited", cause: "exited", exitCode: 0, resumable: true, target },
  lost: { kind: "lost", target },
  refused: { kind: "refused", error: new Error("No more views"), target },
} as const satisfies Record<string, Left>;

/** What is shown once the state of the session was told, one after another. */
function said(left: Left, ...states: ReturnType<typeof session>[]): string {
  return homeLines(states.reduce(leftNow, left)).slice(0, 2).join(" ");
}

const live = (generation: number) => session({ title: "After", socket: `/run/k3x9abcd-${generation}.sock` });
const ended = (ending: Partial<Ending>) =>
  session({
    title: "After",
    kind: "resumable",
    conversation: { id: "c" },
    ending: { at: NOW, cause: "exited", interrupted: false, ...ending },
  });

test("what was left has the name it has by now", () => {
  expect(said(LEFT.detached, live(1))).toBe("After goes on. Enter shows it again.");
  expect(said(LEFT.lost, ended({ cause: "host-died" }))).toBe("After is gone: its host died. Enter resumes it.");
});

test.each(["exited", "lost", "refused"] as const)(
  "of what has %s, the host that is not forgotten yet says nothing",
  (how) => {
    expect(said(LEFT[how], live(1))).toBe(said({ ...LEFT[how], target: { ...target, title: "After" } }));
  },
);

test.each(["exited", "lost", "refused"] as const)("what has %s and was resumed elsewhere goes on", (how) => {
  expect(said(LEFT[how], live(2))).toBe("After goes on. Enter shows it again.");
});

test("what ends while it is not shown has ended as it did", () => {
  expect(said(LEFT.detached, live(1), ended({ cause: "killed" }))).toBe("After was killed. Enter resumes it.");
  expect(said(LEFT.lost, live(2), ended({ exitCode: 3 }))).toBe("After ended with code 3. Enter resumes it.");
  expect(said(LEFT.detached, ended({ cause: "host-died" }))).toBe("After is gone: its host died. Enter resumes it.");
});

test("what cannot be resumed, or was refused, is not offered by what the daemon says of it", () => {
  const unsaved = { ...ended({ cause: "host-died" }), conversation: undefined };
  expect(said(LEFT.lost)).toBe("Before is gone: its host died.");
  expect(said(LEFT.lost, unsaved)).toBe("After is gone: its host died.");
  expect(said({ ...LEFT.exited, resumable: false }, ended({ exitCode: 0 }))).toBe("After has ended.");
  expect(said(LEFT.refused, ended({}))).toMatch(/^No more views/);
});

test("without a session it says how to come to one, and to a sidebar", () => {
  const words = homeLines(undefined).join(" ");
  expect(words).toContain("Choose a session in the sidebar");
  expect(words).toContain("No sidebar? s shows it.");
});
