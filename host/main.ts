/**
 * The host of one session: a detached process that owns the child's pseudo-terminal and outlives every
 * terminal and the daemon. Reads a HostLaunch from standard input, reports once on descriptor 3. With `--spare`
 * it is started before anybody needs it: it loads everything first, and ends when no launch comes.
 */
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { HostLaunch } from "../protocol/host-launch.ts";
import { loadConfig } from "../runtime/config.ts";
import { parseJson } from "../runtime/json-file.ts";
import { openLog } from "../runtime/log.ts";
import { statePaths } from "../runtime/paths.ts";
import { Host } from "./host.ts";
import { limitHeapGrowth } from "../runtime/idle-memory.ts";
import { acknowledgeLaunch, reportOutcome } from "./launch-report.ts";
import { loadAhead, moveOutput } from "./spare.ts";

const paths = statePaths();

async function main(): Promise<void> {
  const spare = process.argv.includes("--spare");
  if (spare) await loadAhead();
  // Waits without a thread that could be woken; what it waits for ends with the daemon in any case.
  const input = readFileSync(0, "utf8");
  if (spare && input === "") return;
  const launch = parseJson(input, HostLaunch, "The launch");
  acknowledgeLaunch();
  const logFile = paths.logFile(`host-${launch.id}`);
  if (spare) moveOutput(logFile);
  const log = openLog(logFile);
  process.on("uncaughtException", (error) => {
    log.error("uncaught", { reason: error.stack ?? String(error) });
    process.exit(1);
  });
  // A host has no terminal of its own; a hang-up of the launcher's is not meant for it.
  process.on("SIGHUP", () => undefined);
  const host = new Host(launch, paths, log);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => host.kill());
  // Before the report: whoever has its answer finds the host under its own name.
  process.title = `pisync host ${launch.id}`;
  reportOutcome(await host.start(await loadConfig()));
  // Not only at the end, which for a host may be weeks away: the next one starts from it.
  flushCompileCache();
  limitHeapGrowth();
  await host.ended;
  log.close();
  process.exit(0);
}

main().catch((error: unknown) => {
  reportOutcome(error);
  process.exit(1);
});
