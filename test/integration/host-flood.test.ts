import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startHost, type RunningHost } from "../support/host.ts";
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

/** Waits for a line, then prints 30 MB of coloured, numbered lines, then a mark. */
const FLOOD = `stty -echo; echo READY; read -r go; seq -f "$(printf '\\033[3%%.0fm')line %.0f$(printf '\\033[m') xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" 1 450000 2>/dev/null || awk 'BEGIN { for (i = 1; i <= 450000; i++) printf "\\033[3%dmline %d\\033[m xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n", i % 8, i }'; echo FLOOD-OVER; read -r go; echo AFTER`;

function lineNumbers(view: TestView): number[] {
  return [...view.text({ all: true }).matchAll(/line (\d+)/g)].map((match) => Number(match[1]));
}

async function residentMegabytes(host: RunningHost): Promise<number> {
  const status = await readFile(`/proc/${host.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

describe("a flood of output", () => {
  it("leaves every view with the screen it would have had from every byte, scrollback included", async () => {
    const host = await startHost(world, FLOOD);
    const views = [await TestView.open(host.socket), await TestView.open(host.socket)];
    await views[0]?.waitForText("READY");
    views[0]?.type("go\r");
    const expected = Array.from({ length: 1_500 }, (_, index) => 450_000 - 1_499 + index);
    // Frames show the end first; the lines that were missed follow when the flood is over.
    for (const view of views) {
      await view.waitForText("FLOOD-OVER");
      await waitFor("the missed lines", () => lineNumbers(view).slice(-1_500).join() === expected.join());
    }
    const late = await TestView.open(host.socket);
    await late.waitForText("FLOOD-OVER");
    expect(late.text()).toBe(views[0]?.text());
    views[1]?.type("go\r");
    for (const view of [...views, late]) await view.waitForText("AFTER");
    await Promise.all([...views, late].map((view) => view.close()));
  });

  it("does not wait for a view that stopped reading, and costs bounded memory", async () => {
    const host = await startHost(world, FLOOD);
    const reading = await TestView.open(host.socket);
    const stopped = await TestView.open(host.socket);
    await reading.waitForText("READY");
    stopped.stop();
    reading.type("go\r");
    await reading.waitForText("FLOOD-OVER");
    expect(await residentMegabytes(host)).toBeLessThan(200);
    reading.type("go\r");
    await reading.waitForText("AFTER");
    stopped.continue();
    await stopped.waitForText("AFTER");
    await waitFor("equal screens", () => stopped.text() === reading.text());
    await Promise.all([reading.close(), stopped.close()]);
  });
});
