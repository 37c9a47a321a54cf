import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_SCREEN_BYTES, ScreenText } from "../../protocol/host-api.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { startHost } from "../support/host.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.dispose();
});

test("GET /v1/screen answers what the screen shows, with scrollback when asked, bounded and without sequences", async () => {
  const script = `read -r go; printf 'A \\033[31mred\\033[0m line\\n'; seq 1 50; read -r go; yes '${"wide ".repeat(80)}' | head -2000; echo END; read -r go`;
  const host = await startHost(world, script, { size: { cols: 400, rows: 10 } });
  const screen = async (query: string) =>
    (await requestJson(host.socket, "GET", `/v1/screen${query}`, { schema: ScreenText })).text;
  const view = await TestView.open(host.socket, { size: { cols: 400, rows: 10 } });
  view.type("go\r");
  // The terminal gives the end of a line on by itself.
  await waitFor("the whole last line", () => view.text().endsWith("\n50") && view.cursor().x === 0);
  expect((await screen("")).split("\n")).toEqual(["42", "43", "44", "45", "46", "47", "48", "49", "50"]);
  expect(await screen("?scrollback=1000")).toContain("A red line\n1\n2\n");
  view.type("go\r");
  await view.waitForText("END");
  const much = await screen("?scrollback=2000");
  expect(Buffer.byteLength(much)).toBeLessThanOrEqual(MAX_SCREEN_BYTES);
  expect(Buffer.byteLength(much)).toBeGreaterThan(MAX_SCREEN_BYTES - 1000);
  expect(much.slice(-14)).toBe("wide wide \nEND");
  await expect(screen("?scrollback=many")).rejects.toMatchObject({ code: "malformed" });
  view.type("go\r");
  await host.exited;
});
