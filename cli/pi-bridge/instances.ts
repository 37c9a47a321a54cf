import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BRIDGE_INSTANCES, BRIDGE_PROTOCOL, BridgeState } from "../../protocol/pi-bridge.ts";
import { bridgeDirectory } from "../../runtime/bridge-directory.ts";
import { isPidInUse } from "../../runtime/pid-in-use.ts";
import { plainText } from "../../runtime/sanitise.ts";
import type { BridgeArguments } from "./arguments.ts";

/** A registry file, and whether it is true. */
export interface Instance extends BridgeState {
  alive: boolean;
  socketExists: boolean;
  /** Nobody answers there, or in another protocol. */
  stale: boolean;
}

/** The bridges that the registry knows, by pid; stale ones with `all` only. A file that is none is passed over. */
export function listInstances({ bridgeDir, all }: Pick<BridgeArguments, "bridgeDir" | "all">): Instance[] {
  const directory = bridgeDir === undefined ? bridgeDirectory(process.env, process.cwd()) : resolve(bridgeDir);
  const instances = join(directory, BRIDGE_INSTANCES);
  if (!existsSync(instances)) return [];
  return readdirSync(instances)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readInstance(join(instances, name)) ?? [])
    .filter(({ stale }) => all || !stale)
    .sort((left, right) => left.pid - right.pid);
}

/** Those that all filters fit. Pure. */
export function matching(
  instances: readonly Instance[],
  { pid, session, name, cwd }: Pick<BridgeArguments, "pid" | "session" | "name" | "cwd">,
): Instance[] {
  return instances.filter(
    (instance) =>
      (pid === undefined || String(instance.pid) === pid) &&
      (session === undefined || [instance.sessionId, instance.sessionFile].some((text) => text?.includes(session))) &&
      (name === undefined || instance.sessionName?.includes(name) === true) &&
      (cwd === undefined || instance.cwd?.includes(cwd) === true),
  );
}

/** Columns with tabs between them, as scripts cut them. Pure. */
export function instanceTable(instances: readonly Instance[]): string {
  const rows = instances.map(({ pid, isIdle, sessionId, sessionName, cwd, socketPath }) => [
    String(pid),
    isIdle === undefined ? "?" : isIdle ? "yes" : "no",
    ...[sessionId?.slice(0, 8), sessionName, cwd, socketPath].map((text) => plainText(text ?? "") || "-"),
  ]);
  return [["PID", "IDLE", "SESSION", "NAME", "CWD", "SOCKET"], ...rows].map((row) => row.join("\t")).join("\n");
}

function readInstance(file: string): Instance | undefined {
  const { data } = BridgeState.safeParse(parseFile(file));
  if (data === undefined) return undefined;
  const [alive, socketExists] = [isPidInUse(data.pid), existsSync(data.socketPath)];
  return { ...data, alive, socketExists, stale: !alive || !socketExists || data.protocol !== BRIDGE_PROTOCOL };
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
