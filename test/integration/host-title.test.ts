import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HostState } from "../../protocol/session.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { createWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";
import { waitFor } from "../support/wait-for.ts";

/** Prints each line that it reads, with the escape sequences in it. */
const PRINTER = `stty -echo; printf READY; while read -r line; do printf "$line"; done`;

async function untilCalled(title: string, ...views: TestView[]): Promise<void> {
  const called = () => views.every((view) => view.title === title);
  await waitFor(`the title ${title}`, called).catch((cause: unknown) => {
    throw new Error(`the views are called ${views.map((view) => view.title).join(", ")}, not ${title}`, { cause });
  });
}

async function rename(host: RunningHost, name: string): Promise<void> {
  await requestJson(host.socket, "POST", "/v1/rename", {
    schema: HostState,
    body: { name },
    unreachable: "host-unreachable",
  });
}

test("with the status in the title, every view is called by it, whatever the child calls itself", async () => {
  await using world = await createWorld();
  const folder = join(world.home, ".config", "pisync");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), '{"statusInTitle":true}');
  const host = await startHost(world, PRINTER, { name: "Fix\u001b]2;evil\u0007 it" });
  const types = await TestView.open(host.socket);
  const watches = await TestView.open(host.socket, { mode: "read-only" });
  const larger = await TestView.open(host.socket, { mode: "read-only", size: { cols: 90, rows: 30 } });
  const all = [types, watches, larger];
  await untilCalled("› Fix it", ...all);
  // From then on the terminal itself shows nothing of what is typed.
  await types.waitForText("READY");

  const own = ["\\033]0;own\\007", "\\033]2;own\\033\\\\", `\\033]2;${"own".repeat(500)}\\007`];
  for (const [index, sequence] of own.entries()) {
    types.type(`${sequence}<${index}>\r`);
    for (const view of all) await view.waitForText(`<${index}>`);
    await untilCalled("› Fix it", ...all);
  }

  await rename(host, "Called anew");
  await untilCalled("› Called anew", ...all);
  const late = await TestView.open(host.socket);
  await untilCalled("› Called anew", late);

  // In the middle of a sequence nothing may be said.
  types.type("\\033[3\r");
  types.type("1mred\\033]2;ow\r");
  await types.waitForText("red");
  await rename(host, "Last");
  types.type("n\\007.\r");
  for (const view of all) await view.waitForText("red.");
  await untilCalled("› Last", ...all, late);

  watches.tell({ type: "pause" });
  await waitFor("the pause", () => watches.message("paused") !== undefined);
  await rename(host, "Meanwhile");
  await untilCalled("› Meanwhile", types);
  expect(watches.title).toBe("› Last");
  watches.tell({ type: "resume" });
  await untilCalled("› Meanwhile", watches);
  await Promise.all([...all, late].map((view) => view.close()));
});
