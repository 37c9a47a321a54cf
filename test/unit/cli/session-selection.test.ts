import { describe, expect, it } from "vitest";
import { group, select } from "../../../cli/session-selection.ts";
import type { SessionSummary } from "../../../protocol/session.ts";
import { past, session } from "./sessions.ts";

const ids = (sessions: readonly SessionSummary[]) => sessions.map(({ id }) => id);

const command = (id: string, exitCode: number, updatedAt = 1) =>
  past(id, { agent: "command", updatedAt, ending: { at: 1, cause: "exited", exitCode, interrupted: false } });

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

describe("select", () => {
  it("shows everything that runs, and leaves the order as it is", () => {
    const sessions = [
      ...times(30, (index) => session({ id: `live${index}` })),
      past("old"),
      ...times(30, (index) => session({ id: `external${index}`, kind: "external" })),
    ];
    expect(select(sessions, { ended: 20, here: undefined })).toEqual(sessions);
  });

  it("shows the newest 20 past conversations, 5 of a directory at most", () => {
    const sessions = times(100, (index) => past(`c${index}`, { cwd: `/${index % 10}`, updatedAt: index }));
    const shown = select(sessions, { ended: 20, here: undefined });
    expect(ids(shown)).toEqual(times(20, (index) => `c${80 + index}`));
    const many = times(10, (index) => past(`m${index}`, { cwd: "/m", updatedAt: 1_000 + index }));
    expect(ids(select([...sessions, ...many], { ended: 20, here: undefined })).slice(-5)).toEqual(
      times(5, (index) => `m${5 + index}`),
    );
  });

  it("shows 5 of the directory one is in, however old", () => {
    const others = times(100, (index) => past(`c${index}`, { cwd: `/${index % 10}`, updatedAt: 100 + index }));
    const here = times(9, (index) => past(`h${index}`, { cwd: "/here", updatedAt: index }));
    const shown = ids(select([...here, ...others], { ended: 20, here: "/here" }));
    expect(shown.slice(0, 5)).toEqual(times(5, (index) => `h${4 + index}`));
    expect(shown).toHaveLength(25);
  });

  it("shows the newest 5 commands that did not end well, and hides those that did or were killed", () => {
    const killed = past("killed", {
      agent: "command",
      updatedAt: 99,
      ending: { at: 1, cause: "killed", signal: 15, interrupted: false },
    });
    const sessions = [command("well", 0, 99), killed, ...times(9, (index) => command(`f${index}`, 1, index))];
    expect(ids(select(sessions, { ended: 20, here: undefined }))).toEqual(times(5, (index) => `f${4 + index}`));
  });

  it("shows less of everything that ended where there is less room", () => {
    const sessions = [
      session({ id: "live" }),
      ...times(9, (index) => past(`c${index}`, { updatedAt: index })),
      ...times(9, (index) => command(`f${index}`, 1, index)),
    ];
    expect(ids(select(sessions, { ended: 3, here: undefined }))).toEqual([
      "live",
      ...["c6", "c7", "c8"],
      ...["f6", "f7", "f8"],
    ]);
  });

  it("leaves nothing out when everything is asked for", () => {
    const sessions = [...times(50, (index) => past(`c${index}`)), command("well", 0)];
    expect(select(sessions, { ended: undefined, here: undefined })).toEqual(sessions);
  });
});

describe("group", () => {
  it("puts directories where something runs first, then the one one is in, then the newest", () => {
    const sessions = [
      past("new", { cwd: "/new", updatedAt: 9 }),
      past("here", { cwd: "/here", updatedAt: 1 }),
      past("old", { cwd: "/old", updatedAt: 5 }),
      session({ id: "ext", cwd: "/ext", kind: "external" }),
      session({ id: "live", cwd: "/live" }),
    ];
    const groups = group(sessions, sessions, "/here");
    expect(groups.map(({ directory }) => directory)).toEqual(["/ext", "/live", "/here", "/new", "/old"]);
    expect(groups.map(({ here }) => here)).toEqual([false, false, true, false, false]);
  });

  it("puts what runs first in each, then conversations, then commands that failed, then others, the newest first", () => {
    const sessions = [
      command("well", 0, 3),
      command("failed", 1),
      past("older", { updatedAt: 1 }),
      past("newer", { updatedAt: 2 }),
      session({ id: "live" }),
    ];
    const [only] = group(sessions, sessions, undefined);
    expect(ids(only?.sessions ?? [])).toEqual(["live", "newer", "older", "failed", "well"]);
  });

  it("counts what is not shown", () => {
    const sessions = times(7, (index) => past(`c${index}`));
    expect(group(sessions.slice(0, 2), sessions, undefined)).toMatchObject([{ more: 5 }]);
  });
});
