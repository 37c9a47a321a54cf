import { spawn } from "node:child_process";
import { once } from "node:events";
import type { HostLaunch } from "../../protocol/host-launch.ts";
import { HostReport } from "../../protocol/host-launch.ts";
import { HostState, type SessionRecord } from "../../protocol/session.ts";
import { inheritableEnvironment } from "../../runtime/environment.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { ensureStateDirectories } from "../../runtime/secure-directory.ts";
import { programPath } from "../../runtime/version.ts";
import type { TemporaryWorld } from "./temporary-world.ts";
import { waitFor } from "./wait-for.ts";

/** A real host process, started as the daemon starts one. */
export interface RunningHost {
  readonly report: HostReport;
  readonly pid: number;
  /** Of a host whose report is `ready`. */
  readonly record: SessionRecord;
  readonly socket: string;
  readonly exited: Promise<unknown>;
  state(): Promise<HostState>;
  /** Waits until the state satisfies the condition. */
  until(reason: string, condition: (state: HostState) => boolean): Promise<HostState>;
}

let count = 0;

/** A session id that no other test of this process uses. */
export function newTestSessionId(): string {
  count += 1;
  return `t${String(count).padStart(7, "2").replaceAll("0", "a").replaceAll("1", "b")}`;
}

/** Starts a host for `sh -c SCRIPT`, or for whatever `launch` says instead. */
export async function startHost(
  world: TemporaryWorld,
  script: string,
  launch: Partial<HostLaunch> = {},
): Promise<RunningHost> {
  const paths = statePaths(world.env);
  await ensureStateDirectories(paths);
  const whole: HostLaunch = {
    id: newTestSessionId(),
    generation: 1,
    agent: "command",
    argv: ["sh", "-c", script],
    file: "/bin/sh",
    args: ["-c", script],
    cwd: world.work,
    env: world.env,
    size: { cols: 80, rows: 24 },
    conversationKeys: [],
    expectsExtension: false,
    expectsView: false,
    ...launch,
  };
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", programPath("host")], {
    detached: true,
    cwd: "/",
    env: inheritableEnvironment(world.env),
    stdio: ["pipe", "inherit", "inherit", "pipe"],
  });
  const exited = once(child, "exit");
  child.stdin?.end(JSON.stringify(whole));
  let text = "";
  for await (const chunk of child.stdio[3] as AsyncIterable<Buffer>) text += chunk.toString();
  if (text === "") throw new Error("the host ended without a report");
  const report = HostReport.parse(JSON.parse(text));
  const socket = paths.hostSocket(whole.id, whole.generation);
  const state = () => requestJson(socket, "GET", "/v1/state", { schema: HostState, unreachable: "host-unreachable" });
  return {
    report,
    pid: child.pid as number,
    get record(): SessionRecord {
      if (report.outcome !== "ready") throw new Error(`the host reported ${JSON.stringify(report)}`);
      return report.record;
    },
    socket,
    exited,
    state,
    until: (reason, condition) =>
      waitFor(reason, async () => {
        const present = await state();
        return condition(present) ? present : undefined;
      }),
  };
}
