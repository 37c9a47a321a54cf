import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createPiProcesses } from "../../adapters/agents/pi/pi-processes.ts";
import { createTmuxAdapter } from "../../adapters/multiplexers/tmux/tmux-adapter.ts";
import { startScriptedModel, type ScriptedModel } from "../../cli/demo/scripted-model.ts";
import {
  createExternalSessions,
  type ExternalReport,
  type ExternalSession,
  type ExternalSessions,
} from "../../daemon/external/external-sessions.ts";
import { createSessionScreens } from "../../daemon/attribution/session-screens.ts";
import type { SessionRecord } from "../../protocol/session.ts";
import { findProgram } from "../../runtime/find-program.ts";
import { identityOf } from "../../runtime/process-identity.ts";
import { openLog } from "../../runtime/log.ts";
import { writeAgentDirectory } from "../fixtures/pi/agent-directory.ts";
import { untilReady } from "../fixtures/pi/running-pi.ts";
import { startHost } from "../support/host.ts";
import { Terminal } from "../support/terminal.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { startTmux } from "../support/tmux-server.ts";
import { TestView } from "../support/view.ts";
import { waitFor } from "../support/wait-for.ts";

let model: ScriptedModel;
let world: TemporaryWorld;
let pi: string;
let externals: ExternalSessions;
let terminals: Terminal[];
const records = new Map<string, SessionRecord>();
beforeAll(async () => {
  model = await startScriptedModel();
});
afterAll(() => model.close());
beforeEach(async () => {
  world = await createWorld();
  await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url, settings: { quietStartup: false } });
  pi = await findProgram(process.env.PISYNC_TEST_PI ?? "pi", world.env, world.work);
  terminals = [];
  records.clear();
  externals = createExternalSessions({
    processes: createPiProcesses({ home: world.home }),
    multiplexer: createTmuxAdapter(),
    record: (id) => records.get(id),
    log: openLog(join(world.work, "log")),
    pollMs: 50,
  });
});
afterEach(async () => {
  externals.close();
  for (const terminal of terminals) await terminal.close();
  await world.dispose();
});

function startPi(): Terminal {
  const terminal = new Terminal({ argv: [pi], cwd: world.work, env: world.env });
  terminals.push(terminal);
  return terminal;
}

const screens = () =>
  createSessionScreens({
    records: {
      get(id) {
        const record = records.get(id);
        return record && { record, resumable: true };
      },
    },
    externals,
    processes: createPiProcesses({ home: world.home }),
    multiplexer: createTmuxAdapter(),
  });

/** Waits until there is one such session. */
function untilOne(condition: (session: ExternalSession) => boolean = () => true): Promise<ExternalSession> {
  return waitFor("one external session", () =>
    externals.all().length === 1 ? externals.all().find(condition) : undefined,
  );
}

test("a pi in a terminal is there from its start to its end, and listeners are told of both", async () => {
  let changes = 0;
  externals.onChange(() => (changes += 1));
  const terminal = startPi();
  const session = await untilOne();
  expect(session).toMatchObject({ process: { pid: terminal.pid }, cwd: world.work });
  expect(session.terminal).toEqual({ tty: expect.stringMatching(/^\/dev\//) as string });
  expect(session.report).toBeUndefined();
  expect(await screens()(session.id)).toBeUndefined();
  await externals.refresh();
  expect(externals.all()[0]).toBe(session);
  expect(changes).toBe(1);
  await terminal.close();
  await waitFor("it to go", () => externals.all().length === 0);
  expect(changes).toBe(2);
});

test("a pi in tmux is found in its pane, and what it shows is told from what was there before it", async () => {
  await using tmux = await startTmux(world, { cols: 100, rows: 30, argv: ["sh"] });
  await tmux.sendKeys([`printf 'words of %s\\n' before; ${pi}`, "Enter"]);
  await tmux.waitForPane("0.0%");
  const { id, terminal } = await untilOne();
  expect(terminal).toMatchObject({ tmux: { socket: tmux.socketPath, pane: "%0" } });
  expect(terminal?.tty).toBe(await tmux.run("display-message", "-p", "-t", "%0", "#{pane_tty}"));
  // It counts before it has drawn all of its first screen.
  const text = await waitFor("its screen", async () => {
    const screen = await screens()(id);
    return screen?.own && screen.text.includes("0.0%") ? screen.text : undefined;
  });
  expect(text).not.toContain("words of before");
});

test("a pi in a terminal inside of a tmux pane is in no pane", async () => {
  await using tmux = await startTmux(world, { argv: ["sh"] });
  const environment = await tmux.run("display-message", "-p", "#{socket_path},#{pid},0");
  const terminal = new Terminal({
    argv: [pi],
    cwd: world.work,
    env: { ...world.env, TMUX: environment, TMUX_PANE: "%0" },
  });
  terminals.push(terminal);
  expect((await untilOne()).terminal).toEqual({ tty: expect.any(String) as string });
});

test("the pi of a session is not external; one that somebody starts in a session's shell is, in that session", async () => {
  const size = { cols: 100, rows: 30 };
  const own = await startHost(world, "", { agent: "pi", argv: ["pi"], file: pi, args: [], size });
  records.set(own.record.id, own.record);
  const shell = await startHost(world, "exec sh", { size });
  records.set(shell.record.id, shell.record);
  const view = await TestView.open(shell.socket, { size });
  view.type(`${pi}\r`);
  await view.waitForText("0.0%");
  const session = await untilOne();
  expect(session.process.pid).not.toBe(own.record.host?.child?.pid);
  expect(session.terminal).toMatchObject({ session: shell.record.id });
  // Each draws its screen in its own time, whichever was started first.
  for (const id of [session.id, own.record.id]) {
    await waitFor(`the screen of ${id}`, async () => (await screens()(id))?.text.includes("0.0%"));
  }
  await view.close();
});

test("what the extension in it says belongs to it, until it says no more", async () => {
  const terminal = startPi();
  const { id, process: identity } = await untilOne();
  const report: ExternalReport = {
    conversation: { id: "exact" },
    status: { state: "idle", since: 1, source: "extension" },
  };
  externals.report(identity, report);
  expect(externals.all()).toMatchObject([{ id, report }]);
  await externals.refresh();
  expect(externals.all()).toMatchObject([{ id, report }]);
  externals.report(identity, undefined);
  expect(externals.all()[0]?.report).toBeUndefined();
  externals.report({ ...identity, startTime: "another" }, report);
  await externals.refresh();
  expect(externals.all()).toMatchObject([{ id, report: undefined }]);
  await terminal.close();
});

test("a process that the look would not count is there once its extension speaks for it", async () => {
  const terminal = new Terminal({ argv: [pi], cwd: world.work, env: { ...world.env, HOME: world.work } });
  terminals.push(terminal);
  await untilReady(terminal);
  await externals.refresh();
  expect(externals.all()).toEqual([]);

  const identity = await identityOf(terminal.pid);
  if (identity === undefined) throw new Error("pi has ended");
  externals.report(identity, {
    conversation: { id: "exact" },
    status: { state: "idle", since: 1, source: "extension" },
  });
  expect(await untilOne()).toMatchObject({ process: identity, report: { conversation: { id: "exact" } } });
});
