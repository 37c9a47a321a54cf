import { expect, test } from "vitest";
import { textOf } from "../../../runtime/line-editor.ts";
import { configuredKeys } from "../../../runtime/keybindings.ts";
import { rowsOf } from "../../../sidebar/list.ts";
import { selectedIndex } from "../../../sidebar/selection.ts";
import { Player } from "./player.ts";
import { NOW, session, status } from "./sessions.ts";

test("the first entry is selected, and Enter attaches to it", () => {
  const player = new Player(session("aaaaaaaa"), session("bbbbbbbb", { createdAt: 1 }));
  player.keys("enter", "down", "enter");
  expect(player.effects).toEqual([
    { type: "open", session: "aaaaaaaa", here: false },
    { type: "open", session: "bbbbbbbb", here: false },
  ]);
});

test("a click opens what is under it; with Shift, here", () => {
  const player = new Player(session("aaaaaaaa"), session("bbbbbbbb", { createdAt: 1 }));
  player.mouse("press", 3);
  player.mouse("press", 2, true);
  expect(player.effects).toEqual([
    { type: "open", session: "bbbbbbbb", here: false },
    { type: "open", session: "aaaaaaaa", here: true },
  ]);
});

test("a click on a directory folds it, another unfolds it", () => {
  const player = new Player(session("aaaaaaaa"));
  player.mouse("press", 1);
  expect(rowsOf(player.model)).toHaveLength(1);
  player.mouse("press", 1);
  expect(rowsOf(player.model)).toHaveLength(2);
});

test("the selected row stays where it is on the screen when entries come above it", () => {
  const many = Array.from({ length: 30 }, (_, index) =>
    session(`sess${String(index + 22)}22`, { createdAt: 100 - index }),
  );
  const player = new Player(...many);
  player.keys("pagedown", "pagedown");
  const onScreen = () => (selectedIndex(player.model) ?? -1) - player.model.top;
  const [before, selected] = [onScreen(), player.model.selected];
  player.send({ type: "change", changed: [session("newcomer", { createdAt: NOW })], removed: [] });
  expect(player.model.selected).toBe(selected);
  expect(onScreen()).toBe(before);
});

test("a list at its top stays there when entries come, as far as the selected row is seen", () => {
  const inDirectory = (cwd: string, count: number) =>
    Array.from({ length: count }, (_, index) => session(`${cwd.slice(1)}${index + 22}22`, { cwd }));
  const player = new Player(...inDirectory("/d", 8));
  const { selected } = player.model;
  player.send({ type: "change", changed: inDirectory("/a", 5), removed: [] });
  expect(player.model).toMatchObject({ selected, top: 0 });
  // Ten rows are on the screen, and the selected one is the thirteenth by now.
  player.send({ type: "change", changed: inDirectory("/b", 4), removed: [] });
  expect(player.model).toMatchObject({ selected, top: 3 });
  // Scrolled away from the selected row, the top is what is looked at.
  player.mouse("wheel-up", 4);
  player.send({ type: "change", changed: inDirectory("/c", 20), removed: [] });
  expect(player.model).toMatchObject({ selected, top: 0 });
});

test("when the selected entry goes, the one in its place is selected", () => {
  const player = new Player(session("aaaaaaaa", { createdAt: 3 }), session("bbbbbbbb", { createdAt: 2 }));
  player.send({ type: "change", changed: [], removed: ["aaaaaaaa"] });
  expect(player.model.selected).toBe("s:bbbbbbbb");
});

test("the wheel scrolls and leaves the selection", () => {
  const player = new Player(...Array.from({ length: 30 }, (_, index) => session(`sess${index + 22}22`)));
  const { selected } = player.model;
  player.mouse("wheel-down", 4);
  expect(player.model).toMatchObject({ top: 3, selected });
  for (let step = 0; step < 50; step++) player.mouse("wheel-down", 4);
  expect(player.model.top).toBe(31 - 10);
});

test("kill asks, and only y agrees", () => {
  const player = new Player(session("aaaaaaaa", { status: status("working") }));
  player.keys("x");
  expect(player.model.overlay).toMatchObject({
    kind: "confirm",
    question: "Kill title of aaaaaaaa? It is in the middle of a run.",
  });
  player.keys("enter");
  expect(player.effects).toEqual([]);
  player.keys("x", "y");
  expect(player.effects).toEqual([{ type: "kill", session: "aaaaaaaa" }]);
});

test("a command that ended is run again only after asking, however it is opened; a conversation resumes at once", () => {
  const open = { type: "open", session: "aaaaaaaa", here: false } as const;
  const player = new Player(
    session("aaaaaaaa", { kind: "resumable", agent: "command", title: "./deploy --prod", titleSource: "command" }),
    session("bbbbbbbb", { kind: "resumable", updatedAt: 1, cwd: "/other" }),
  );
  for (const ask of [() => player.keys("home", "down", "enter"), () => player.mouse("press", 2)]) {
    ask();
    expect(player.model.overlay).toMatchObject({ kind: "confirm", question: "Run it again? ./deploy --prod" });
    player.keys("enter");
    expect(player.effects).toEqual([]);
  }
  player.keys(".");
  expect(player.model.overlay).toMatchObject({ items: [{ label: "Run again" }, {}, {}, {}] });
  player.keys("enter", "y");
  expect(player.effects).toEqual([open]);
  player.keys("end", "enter");
  expect(player.effects).toEqual([open, { ...open, session: "bbbbbbbb" }]);
});

test("only what has runs can be killed in the middle of one", () => {
  const player = new Player(
    session("aaaaaaaa", { agent: "command", status: status("working", { source: "process" }), title: "sleep 1000" }),
  );
  player.keys("x");
  expect(player.model.overlay).toMatchObject({ question: "Kill sleep 1000?" });
});

test("what cannot be done is said", () => {
  const player = new Player(session("aaaaaaaa", { kind: "external" }));
  player.keys("x");
  expect(player.model.notice).toMatchObject({ kind: "error" });
  expect(player.model.overlay).toBeUndefined();
  player.keys("down");
  expect(player.model.notice).toBeUndefined();
});

test("rename begins with the name and sends the new one", () => {
  const player = new Player(session("aaaaaaaa", { title: "old", titleSource: "name" }));
  player.keys("r", "ctrl-u", "n", "e", "w", "enter");
  expect(player.effects).toEqual([{ type: "rename", session: "aaaaaaaa", name: "new" }]);
});

test("Tab goes to the next that needs me, round and into folded directories", () => {
  const player = new Player(
    session("aaaaaaaa", { cwd: "/a", status: status("idle") }),
    session("bbbbbbbb", { cwd: "/b", status: status("waiting") }),
    session("cccccccc", { cwd: "/c", status: status("idle", { unseen: true }) }),
  );
  player.keys("down", "down", "left", "tab");
  const visited = [player.model.selected];
  for (let time = 0; time < 2; time++) {
    player.keys("tab");
    visited.push(player.model.selected);
  }
  expect(visited).toEqual(["s:bbbbbbbb", "s:cccccccc", "s:bbbbbbbb"]);
});

test("the menu offers what can be done, and its keys do it", () => {
  const player = new Player(session("aaaaaaaa", { kind: "resumable" }));
  player.keys(".");
  const { overlay } = player.model;
  expect(overlay?.kind === "menu" && overlay.items.map(({ label }) => label)).toEqual([
    ...["Resume", "Rename", "Mute", "Dismiss"],
  ]);
  player.keys("d");
  expect(player.effects).toEqual([{ type: "dismiss", session: "aaaaaaaa" }]);
});

test("a directory has a menu, too: it folds, and starts pi there", () => {
  const player = new Player(session("aaaaaaaa"));
  const labels = () =>
    player.model.overlay?.kind === "menu" ? player.model.overlay.items.map(({ label }) => label) : undefined;
  player.mouse("right", 1);
  expect(labels()).toEqual(["Fold", "New pi here"]);
  player.keys("enter", ".");
  expect(rowsOf(player.model)).toHaveLength(1);
  expect(labels()).toEqual(["Unfold", "New pi here"]);
  player.keys("n");
  expect(player.model.overlay).toBeUndefined();
  expect(player.effects).toEqual([{ type: "launch", cwd: "/home/me/project" }]);
});

test("new pi: known directories, narrowed by what is typed, or a path", () => {
  const player = new Player(session("aaaaaaaa", { cwd: "/one" }), session("bbbbbbbb", { cwd: "/two" }));
  player.keys("n", "t", "w", "enter");
  player.keys("n", ..."/tmp/x");
  player.send({ type: "completed", typed: "/tmp/x", directories: ["/tmp/x", "/tmp/xy"] });
  player.keys("enter");
  // Who types faster than the disk answers has not seen what else there is.
  player.keys("n", ..."sub/", "enter");
  player.send({ type: "completed", typed: "sub/", directories: ["/home/me/here/sub", "/home/me/here/sub/more"] });
  expect(player.effects.filter(({ type }) => type === "launch")).toEqual([
    { type: "launch", cwd: "/two" },
    { type: "launch", cwd: "/tmp/x" },
    { type: "launch", cwd: "/home/me/here/sub" },
  ]);
});

test("new pi: where there is no such directory that is said, and what was typed stays", () => {
  const player = new Player();
  const notice = { kind: "error", text: "There is no directory ~/nope" };
  const typed = () => (player.model.overlay?.kind === "directories" ? textOf(player.model.overlay.line) : undefined);
  player.keys("n", ..."~/nope", "enter");
  player.send({ type: "completed", typed: "~/nope", directories: ["/home/me/nopes"] });
  expect([player.model.notice, typed()]).toEqual([notice, "~/nope"]);
  player.send({ type: "completed", typed: "~/nope", directories: [] });
  player.keys("up");
  expect(player.model.notice).toBeUndefined();
  player.keys("enter");
  expect([player.model.notice, typed()]).toEqual([notice, "~/nope"]);
  expect(player.effects.filter(({ type }) => type === "launch")).toEqual([]);
});

test("new pi: it is selected, also in a folded directory", () => {
  const player = new Player(
    session("aaaaaaaa", { cwd: "/one" }),
    session("bbbbbbbb", { cwd: "/two" }),
    session("cccccccc", { cwd: "/two", createdAt: 1 }),
  );
  player.keys("end", "left", "home");
  player.send({ type: "launched", session: "bbbbbbbb" });
  player.send({ type: "launched", session: "gone2345" });
  player.keys("m");
  expect(player.effects).toEqual([{ type: "mirror", session: "bbbbbbbb", place: "right" }]);
});

test("new pi: Tab completes to what is there, and what was typed since decides", () => {
  const player = new Player();
  player.keys("n", ..."~/p");
  expect(player.effects.at(-1)).toEqual({ type: "complete", typed: "~/p", path: "/home/me/p" });
  player.send({ type: "completed", typed: "~/", directories: ["/home/me/other"] });
  player.send({ type: "completed", typed: "~/p", directories: ["/home/me/photos", "/home/me/project"] });
  player.keys("down", "tab");
  expect(player.effects.at(-1)).toEqual({ type: "complete", typed: "~/project/", path: "/home/me/project/" });
  player.send({ type: "completed", typed: "~/project/", directories: ["/home/me/project", "/home/me/project/src"] });
  player.keys("enter");
  expect(player.effects.at(-1)).toEqual({ type: "launch", cwd: "/home/me/project" });
});

test("search shows what was found and opens it", () => {
  const player = new Player(session("aaaaaaaa"));
  player.keys("s", "a", "b", "enter");
  expect(player.effects).toEqual([{ type: "search", query: "ab" }]);
  const hit = { session: session("aaaaaaaa"), snippet: "x ab y", matches: [[2, 4]] as [number, number][], at: NOW };
  player.send({ type: "found", query: "other", hits: [] });
  expect(player.model.overlay).toMatchObject({ state: "searching" });
  player.send({ type: "found", query: "ab", hits: [{ ...hit, where: "user" }] });
  player.keys("enter");
  expect(player.effects.at(-1)).toEqual({ type: "open", session: "aaaaaaaa", here: false });
});

test("a key has one action", () => {
  expect(() => configuredKeys({ kill: ["q"] })).toThrow("bound to both");
  expect(() => configuredKeys({ explode: ["q"] })).toThrow("no action");
  expect(configuredKeys({ kill: ["ctrl-x"] }).action("x")).toBeUndefined();
  expect(configuredKeys({ kill: ["ctrl-x"] }).action("ctrl-x")).toBe("kill");
});

test("what was dismissed is no row, and is one again when something happens in it", () => {
  const past = session("aaaaaaaa", { kind: "resumable" });
  const player = new Player(past, session("bbbbbbbb", { kind: "resumable", updatedAt: 1 }));
  player.keys("d");
  expect(player.effects).toEqual([{ type: "dismiss", session: "aaaaaaaa" }]);
  player.send({ type: "change", changed: [{ ...past, dismissed: true }], removed: [] });
  const shown = () => rowsOf(player.model).flatMap((row) => (row.kind === "session" ? [row.session.id] : []));
  expect(shown()).toEqual(["bbbbbbbb"]);
  player.keys("enter", "/", "t", "i");
  expect(player.effects.at(-1)).toEqual({ type: "open", session: "bbbbbbbb", here: false });
  expect(shown()).toEqual(["bbbbbbbb"]);
  player.keys("esc");
  player.send({ type: "change", changed: [past], removed: [] });
  expect(shown()).toEqual(["aaaaaaaa", "bbbbbbbb"]);
});

test("u and U mute one session or all, and take it back", () => {
  const player = new Player(session("aaaaaaaa"));
  player.keys("u", "U");
  player.send({ type: "change", changed: [session("aaaaaaaa", { muted: true })], removed: [] });
  player.send({ type: "preferences", preferences: { mutedAll: true } });
  player.keys("u", "U");
  expect(player.effects).toEqual([
    { type: "mute", session: "aaaaaaaa", muted: true },
    { type: "mute-all", muted: true },
    { type: "mute", session: "aaaaaaaa", muted: false },
    { type: "mute-all", muted: false },
  ]);
});
