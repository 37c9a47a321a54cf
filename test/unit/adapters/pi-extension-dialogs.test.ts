import type { ExtensionUIContext } from "@earendil-works/pi-coding-agent";
import { expect, test } from "vitest";
import { OpenDialogs, watchDialogs } from "../../../adapters/agents/pi/extension/dialogs.ts";

test("the newest open dialog is named, whatever the order they close in", () => {
  const seen: unknown[] = [];
  const dialogs: OpenDialogs = new OpenDialogs(() => seen.push([dialogs.count, dialogs.title]));
  const first = dialogs.add("first");
  const second = dialogs.add("second");
  first();
  first();
  second();
  expect(seen).toEqual([
    [1, "first"],
    [2, "second"],
    [1, "second"],
    [0, undefined],
  ]);
});

/** What pi's object looks like: plain, with methods that know each other through `this`. */
function plainUi() {
  return {
    refuses: false,
    confirm(title: string, message: string): Promise<string> {
      return this.refuses ? Promise.reject(new Error("gone")) : Promise.resolve(`${title} ${message}`);
    },
    custom: (): Promise<string> => Promise.resolve("drawn"),
    notify: (): string => "noted",
  };
}

test("watched dialogs answer as before, with an error too, and what is no dialog is left alone", async () => {
  const ui = plainUi();
  const { notify } = ui;
  const seen: unknown[] = [];
  watchDialogs(ui as unknown as ExtensionUIContext, (title) => {
    seen.push(title ?? "untitled");
    return () => seen.push("closed");
  });
  expect(await ui.confirm("Delete?", "all of it")).toBe("Delete? all of it");
  expect(await ui.custom()).toBe("drawn");
  ui.refuses = true;
  await expect(ui.confirm("Delete?", "")).rejects.toThrow("gone");
  expect(seen).toEqual(["Delete?", "closed", "untitled", "closed", "Delete?", "closed"]);
  expect(ui.notify).toBe(notify);
});

test("an object watched again tells the newest watcher, once", async () => {
  const ui = plainUi();
  const seen: string[] = [];
  for (const watcher of ["old", "new"]) {
    watchDialogs(ui as unknown as ExtensionUIContext, () => {
      seen.push(watcher);
      return () => undefined;
    });
  }
  await ui.custom();
  expect(seen).toEqual(["new"]);
});
