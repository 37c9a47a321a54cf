import { expect, test } from "vitest";
import { complaints } from "../../support/lint.ts";

const RULE = "pisync/import-direction";

test.each([
  ["protocol/x.ts", 'import "../runtime/log.ts";', "protocol may not import runtime; it may import nothing"],
  ["protocol/x.ts", 'import "node:fs";', "protocol is pure"],
  ["runtime/x.ts", 'import "../host/pty.ts";', "runtime may not import host; it may import protocol."],
  ["host/x.ts", 'import "../daemon/api.ts";', "host may not import daemon"],
  ["control/x.ts", 'import "../host/host.ts";', "control may not import host; it may import protocol, runtime."],
  ["host/x.ts", 'export * from "../adapters/agents/agent-adapter.ts";', "host may not import adapter-interface"],
  ["host/x.ts", 'import "node-pty";', "Only host/pty.ts imports node-pty."],
  ["host/x.ts", 'import "@lydell/node-pty";', "Only host/pty.ts"],
  ["host/x.ts", 'import xterm from "@xterm/headless";', "Only host/screen/ imports @xterm/headless."],
  ["host/screen.ts", 'import xterm from "@xterm/headless";', "Only host/screen/"],
  ["adapters/agents/pi/x.ts", 'import "../../../cli/main.ts";', "adapters may not import cli"],
  ["adapters/agents/agent-adapter.ts", 'import "./pi/pi-adapter.ts";', "adapter-interface may not import adapters"],
  ["adapters/agents/pi/extension/x.ts", 'import { a } from "../../../../protocol/ids.ts";', "nothing of this project"],
  ["adapters/agents/pi/extension/x.ts", 'import "zod";', "Node's own modules only"],
  ["daemon/x.ts", 'import "../adapters/agents/pi/pi-adapter.ts";', "daemon may not import adapters"],
  ["daemon/x.ts", 'import "./main.ts";', "daemon may not import daemon-main"],
  ["daemon/x.ts", 'import "../host/pty.ts";', "daemon may not import host"],
  [
    "daemon/x.ts",
    'import { DatabaseSync } from "node:sqlite";',
    "Only daemon/conversation-index/store.ts imports node:sqlite.",
  ],
  [
    "daemon/x.ts",
    'const watch = await import("chokidar");',
    "Only daemon/conversation-index/watcher.ts imports chokidar.",
  ],
  ["sidebar/x.ts", 'import "../adapters/multiplexers/tmux/x.ts";', "sidebar may not import adapters"],
  ["sidebar/x.ts", 'import blessed from "neo-blessed";', "Only sidebar/terminal.ts imports neo-blessed."],
  ["client/x.ts", 'import "../cli/output.ts";', "client may not import cli; it may import protocol, runtime."],
  ["sidebar/x.ts", 'import "../client/pisync-client.ts";', "sidebar may not import client"],
  ["cli/x.ts", 'const host = await import("../host/main.ts");', "cli may not import host"],
  ["cli/x.ts", 'import type { A } from "../daemon/api.ts";', "cli may not import daemon"],
  ["cli/x.ts", 'type A = import("../test/support/terminal.ts").Terminal;', "cli may not import test"],
])("%s: %s is refused", async (file, code, why) => {
  expect(await complaints(RULE, file, code)).toEqual([expect.stringContaining(why)]);
});

test.each([
  ["protocol/x.ts", 'import * as z from "zod"; import "./ids.ts";'],
  ["runtime/x.ts", 'import "../protocol/ids.ts"; import "node:fs"; import "ws";'],
  ["host/x.ts", 'import "../protocol/ids.ts"; import "../runtime/log.ts"; import "./view/x.ts";'],
  ["host/view/x.ts", 'import "../pty.ts"; import "../../runtime/log.ts";'],
  ["host/pty.ts", 'import "node-pty"; import "@lydell/node-pty-linux-x64";'],
  ["host/screen/snapshot.ts", 'import xterm from "@xterm/headless";'],
  ["adapters/agents/pi/x.ts", 'import "../agent-adapter.ts"; import "../../../runtime/log.ts";'],
  ["adapters/agents/pi/extension/x.ts", 'import type { A } from "../../../../protocol/ids.ts"; import "node:net";'],
  ["adapters/agents/pi/extension/x.ts", 'import "./channel.ts"; import type { P } from "@earendil-works/pi";'],
  ["daemon/x.ts", 'import "../adapters/agents/agent-adapter.ts"; import "../runtime/log.ts";'],
  ["daemon/main.ts", 'import "../adapters/agents/pi/pi-adapter.ts"; import "./api.ts";'],
  ["daemon/conversation-index/store.ts", 'import { DatabaseSync } from "node:sqlite";'],
  ["daemon/conversation-index/watcher.ts", 'import "chokidar";'],
  ["sidebar/terminal.ts", 'import blessed from "neo-blessed";'],
  ["cli/x.ts", 'import "../client/pisync-client.ts";'],
  ["cli/x.ts", 'import "../adapters/agents/pi/pi-adapter.ts"; import "../runtime/log.ts";'],
  ["test/unit/x.test.ts", 'import "../../host/pty.ts"; import "node-pty"; import "@xterm/headless";'],
  ["bench/x.ts", 'import "../daemon/main.ts"; import "node-pty";'],
  ["scripts/x.ts", 'import "../cli/main.ts";'],
])("%s: %s is allowed", async (file, code) => {
  expect(await complaints(RULE, file, code)).toEqual([]);
});
