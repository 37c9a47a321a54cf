import { expect, test } from "vitest";
import { rowsOf } from "../../../sidebar/list.ts";
import { Player } from "./player.ts";
import { session } from "./sessions.ts";

test("typing filters at once, Enter opens the best match and shows all again, as Esc does", () => {
  const player = new Player(session("aaaaaaaa", { title: "Fix login" }), session("bbbbbbbb", { title: "Write docs" }));
  player.keys("/", "d", "o", "c");
  expect(rowsOf(player.model).map(({ key }) => key)).toEqual(["g:/home/me/project", "s:bbbbbbbb"]);
  player.keys("enter");
  expect(player.effects).toEqual([{ type: "open", session: "bbbbbbbb", here: false }]);
  expect(rowsOf(player.model)).toHaveLength(3);
  expect(player.model.selected).toBe("s:bbbbbbbb");
  player.keys("/", "d", "o", "c", "tab", "esc");
  expect(rowsOf(player.model)).toHaveLength(3);
});

test("Esc while a filter is typed goes back to what was selected before, also when nothing matched", () => {
  const player = new Player(...Array.from({ length: 30 }, (_, index) => session(`sess${index + 22}22`)));
  player.keys("end", "up");
  const { selected, top } = player.model;
  player.keys("/", "z", "z", "esc");
  expect(player.model).toMatchObject({ selected, top });
  player.keys("/", "s", "e", "down", "esc");
  expect(player.model).toMatchObject({ selected, top });
  player.keys("/", "s", "backspace", "tab");
  expect(player.model).toMatchObject({ selected, top });
});

test("Esc after a filter was kept leaves the selection on what was chosen in it", () => {
  const player = new Player(session("aaaaaaaa", { title: "Fix login" }), session("bbbbbbbb", { title: "Write docs" }));
  player.keys("/", "d", "o", "c", "tab", "esc");
  expect(player.model.selected).toBe("s:bbbbbbbb");
  player.keys("/", "z", "tab", "esc");
  expect(player.model.selected).toBe("s:bbbbbbbb");
});

test("Esc in the list closes a popup, once nothing lies over it and nothing is filtered", () => {
  const player = new Player(session("aaaaaaaa"));
  player.keys("esc");
  expect(player.effects).toEqual([]);
  player.model = { ...player.model, back: { type: "close" } };
  player.keys("?", "esc", "/", "t", "tab", "esc");
  expect(player.effects).toEqual([]);
  player.keys("esc");
  expect(player.effects).toEqual([{ type: "close" }]);
});

test("Esc in the list shows again what its terminal showed last, once, and only while it is live", () => {
  const player = new Player(session("aaaaaaaa"), session("bbbbbbbb"));
  player.send({ type: "left", session: "bbbbbbbb" });
  player.keys("esc", "esc");
  expect(player.effects).toEqual([{ type: "open", session: "bbbbbbbb", here: true }]);
  player.send({ type: "left", session: "bbbbbbbb" });
  player.send({ type: "change", changed: [session("bbbbbbbb", { kind: "resumable" })], removed: [] });
  player.keys("esc");
  expect(player.effects).toHaveLength(1);
});

test("letters typed into the filter are no commands", () => {
  const player = new Player(session("aaaaaaaa"));
  player.keys("/", "q", "x", "y");
  expect(player.effects).toEqual([]);
});
