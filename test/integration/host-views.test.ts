import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Switched } from "../../protocol/host-api.ts";
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

/** Prints READY and then echoes each line it reads in brackets. */
const ECHO = `stty -echo; echo READY; while read -r line; do echo "[$line]"; done`;

describe("views of one host", () => {
  it("show the same screen, with input from each of them", async () => {
    const host = await startHost(world, ECHO);
    const one = await TestView.open(host.socket);
    const two = await TestView.open(host.socket);
    await one.waitForText("READY");
    one.type("from one\r");
    await two.waitForText("[from one]");
    two.type("from two\r");
    await one.waitForText("[from two]");
    await two.waitForText("[from two]");
    expect(two.text({ all: true })).toBe(one.text({ all: true }));
    expect((await host.state()).views).toHaveLength(2);
    await one.close();
    await host.until("the view to be gone", (state) => state.views.length === 1);
    await two.close();
  });

  it("get the scrollback and the screen when they join later, and the modes with them", async () => {
    const host = await startHost(
      world,
      `i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "line $i"; done; printf '\\033[?2004h\\033[?1h\\033[?25lDONE'; sleep 100`,
    );
    const first = await TestView.open(host.socket);
    await first.waitForText("DONE");
    await first.close();
    const late = await TestView.open(host.socket);
    await late.waitForText("DONE");
    const lines = late.text({ all: true }).split("\n");
    expect(lines.filter((line) => line.startsWith("line "))).toHaveLength(200);
    expect(late.terminal.modes).toMatchObject({ bracketedPasteMode: true, applicationCursorKeysMode: true });
    await late.close();
  });

  it("on one terminal are sent to another host, and no others", async () => {
    const [here, there] = [await startHost(world, ECHO), await startHost(world, ECHO)];
    const sent = await TestView.open(here.socket, { tty: "/dev/pts/7" });
    const stays = await TestView.open(here.socket, { tty: "/dev/pts/8" });
    expect((await here.state()).views.map(({ tty }) => tty)).toEqual(["/dev/pts/7", "/dev/pts/8"]);
    const ask = (tty: string) =>
      requestJson(here.socket, "POST", "/v1/views/switch", {
        schema: Switched,
        body: { tty, session: there.record.id, socket: there.socket },
        unreachable: "host-unreachable",
      });
    expect(await ask("/dev/pts/9")).toEqual({ views: 0 });
    expect(await ask("/dev/pts/7")).toEqual({ views: 1 });
    await waitFor("the switch", () => sent.messages.some(({ type }) => type === "switch"));
    expect(sent.messages.at(-1)).toMatchObject({ session: there.record.id, socket: there.socket, reason: "" });
    expect(stays.messages.every(({ type }) => type !== "switch")).toBe(true);
    await Promise.all([sent.close(), stays.close()]);
  });

  it("that leave are told how many rows are in use, and nobody else notices", async () => {
    const host = await startHost(world, `echo one; echo two; printf three; cat`);
    const stays = await TestView.open(host.socket);
    await stays.waitForText("three");
    const leaves = await TestView.open(host.socket);
    await leaves.waitForText("three");
    leaves.tell({ type: "leave" });
    expect(await leaves.closed).toMatchObject({ code: 1000 });
    expect(leaves.message("left")).toEqual({ type: "left", rows: 3 });
    stays.type("still here\r");
    await stays.waitForText("still here");
    await host.until("one view", (state) => state.views.length === 1);
    await stays.close();
  });

  it("that pause get nothing, and the exact screen when they resume, whatever was drawn over it", async () => {
    const host = await startHost(
      world,
      `seq 40; printf '\\033[31mred\\033[2;20r\\033[5;3H\\033[?2004h'; while read -r line; do printf "<$line>"; done`,
    );
    const pauses = await TestView.open(host.socket);
    const goesOn = await TestView.open(host.socket);
    await pauses.waitForText("red");
    pauses.tell({ type: "pause" });
    await waitFor("the pause", () => pauses.message("paused") !== undefined);
    const before = pauses.received;
    const menu = "\u001b[m\u001b[r\u001b[23;1H\u001b[7mmenu\u001b[24;1Hof two lines\u001b[m";
    await new Promise<void>((resolve) => pauses.terminal.write(menu, resolve));
    goesOn.type("meanwhile\r");
    await goesOn.waitForText("<meanwhile>");
    expect(pauses.received).toBe(before);
    pauses.tell({ type: "resume" });
    await pauses.waitForText("<meanwhile>");
    goesOn.type("after\r");
    for (const view of [pauses, goesOn]) await view.waitForText("<after>");
    expect(pauses.text({ all: true })).toBe(goesOn.text({ all: true }));
    expect(pauses.cursor()).toEqual(goesOn.cursor());
    expect(pauses.terminal.modes).toEqual(goesOn.terminal.modes);
    await Promise.all([pauses.close(), goesOn.close()]);
  });

  it("that pause are shown the end of the session", async () => {
    const host = await startHost(world, `echo READY; read -r line; echo "last: $line"`);
    const view = await TestView.open(host.socket);
    await view.waitForText("READY");
    view.tell({ type: "pause" });
    await waitFor("the pause", () => view.message("paused") !== undefined);
    view.type("words\r");
    await view.waitForText("last: words");
    expect(await view.closed).toMatchObject({ code: 1000 });
    expect(view.message("exit")).toMatchObject({ exitCode: 0 });
  });

  it("that are read-only see everything and change nothing", async () => {
    const host = await startHost(world, ECHO);
    const writer = await TestView.open(host.socket);
    const reader = await TestView.open(host.socket, { mode: "read-only", size: { cols: 40, rows: 10 } });
    reader.type("not me\r");
    writer.type("me\r");
    await reader.waitForText("[me]");
    expect(writer.text()).not.toContain("not me");
    expect((await host.state()).size).toEqual({ cols: 80, rows: 24 });
    await Promise.all([reader.close(), writer.close()]);
  });

  it("share the smallest interactive size, debounced, and the child hears only of real changes", async () => {
    const host = await startHost(
      world,
      // Not dash: its 0.5.12 loses a signal that arrives while it starts a command.
      `exec bash -c 'trap "echo size \\$(stty size)" WINCH; echo READY; while :; do sleep 0.05; done'`,
    );
    const one = await TestView.open(host.socket);
    await one.waitForText("READY");
    const two = await TestView.open(host.socket, { size: { cols: 60, rows: 30 } });
    await one.waitForText("size 24 60");
    for (const cols of [61, 62, 63, 70]) two.resize({ cols, rows: 30 });
    await one.waitForText("size 24 70");
    expect(one.text().match(/size/g)).toHaveLength(2);
    await two.close();
    await one.waitForText("size 24 80");
    await one.close();
  });

  it("of another size are painted: cropped where smaller, exact again when the sizes agree", async () => {
    const host = await startHost(world, `seq -f 'row %03g ............................................end' 30; cat`);
    const full = await TestView.open(host.socket);
    await full.waitForText("row 030");
    const small = await TestView.open(host.socket, { mode: "read-only", size: { cols: 20, rows: 5 } });
    await small.waitForText("row 030");
    expect(small.text()).not.toContain("end");
    full.type("more\r");
    await small.waitForText("more");
    const tiny = await TestView.open(host.socket, { mode: "read-only", size: { cols: 1, rows: 1 } });
    const huge = await TestView.open(host.socket, { mode: "read-only", size: { cols: 1000, rows: 500 } });
    await huge.waitForText("more");
    full.type("again\r");
    await huge.waitForText("again");
    await small.waitForText("again");
    small.resize({ cols: 80, rows: 24 });
    await small.waitForText("end");
    await waitFor("equal screens", () => small.text() === full.text());
    await Promise.all([full, small, tiny, huge].map((view) => view.close()));
  });

  it("get bytes unchanged: 0xFF and split UTF-8, in both directions", async () => {
    const host = await startHost(
      world,
      `stty raw -echo; printf 'READY\\r\\n'; head -c 6 | od -An -tx1; printf '\\377\\303'; sleep 0.2; printf '\\251 end'; sleep 100`,
    );
    const view = await TestView.open(host.socket);
    await view.waitForText("READY");
    view.type(Buffer.from([0xff, 0xc3]));
    view.type(Buffer.from([0xa9, 0x00, 0x80, 0x41]));
    await view.waitForText("ff c3 a9 00 80 41");
    await view.waitForText("é end");
    await view.close();
  });

  it("answer no query: the host answers once", async () => {
    const host = await startHost(
      world,
      `stty raw -echo; printf 'READY'; head -c 1 >/dev/null; printf '\\033[c'; sleep 0.5; printf 'got:'; dd bs=1000 count=1 2>/dev/null | od -An -c; printf ':end'`,
    );
    const views = [await TestView.open(host.socket), await TestView.open(host.socket)];
    for (const view of views) view.terminal.onData((answer) => view.type(answer));
    await views[0]?.waitForText("READY");
    views[0]?.type("x");
    await views[0]?.waitForText(":end");
    expect(views[0]?.text().match(/033/g)).toHaveLength(1);
    await Promise.all(views.map((view) => view.close()));
  });

  it("may come and go a hundred times without leaving a descriptor behind", async () => {
    const host = await startHost(world, ECHO);
    const watching = await TestView.open(host.socket);
    const descriptors = async () => (await readdir(`/proc/${host.pid}/fd`)).length;
    await host.until("one view", (state) => state.views.length === 1);
    const before = await descriptors();
    for (let round = 0; round < 100; round++) {
      const view = await TestView.open(host.socket);
      await (round % 2 === 0 ? view.close() : view.cut());
    }
    await host.until("the views to be gone", (state) => state.views.length === 1);
    await waitFor("the descriptors to be freed", async () => (await descriptors()) <= before + 1);
    watching.type("still here\r");
    await watching.waitForText("[still here]");
    await watching.close();
  });
});
