import { AgentList, IndexState } from "../protocol/daemon-state.ts";
import { findDaemon } from "../runtime/ensure-daemon.ts";
import { requestJson } from "../runtime/http-client.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { Observed } from "./doctor-checks.ts";
import { progressText } from "./index-progress.ts";
import { grouped } from "./numbers.ts";

const MEBIBYTE = 1024 * 1024;

export async function daemon(paths: StatePaths): Promise<Observed> {
  const found = await findDaemon(paths);
  if (found === undefined) return { verdict: "ok", detail: "not running; starts by itself" };
  return { verdict: "ok", detail: `${found.version}, process ${found.pid}, ${found.liveSessions} live sessions` };
}

/** What the daemon offers to launch: it looks with the PATH that it was started with. */
export async function agents(paths: StatePaths): Promise<Observed> {
  if ((await findDaemon(paths)) === undefined) return { verdict: "ok", detail: "looked up when the daemon starts" };
  const list = await requestJson(paths.daemonSocket, "GET", "/v1/agents?check=true", { schema: AgentList });
  const missing = list.agents.filter(({ available }) => !available);
  const names = list.agents.map(({ agent, version }) => (version === undefined ? agent : `${agent} ${version}`));
  if (missing.length === 0) return { verdict: "ok", detail: `the daemon finds ${plainText(names.join(", "))}` };
  return {
    verdict: "advice",
    detail: missing
      .map(({ agent, reason = "" }) => plainText(`the daemon does not find ${agent}: ${reason}`))
      .join("; "),
    next: "Start it where the program is on PATH: pisync daemon restart",
  };
}

/** What the daemon's index says of itself: only a running one has read anything. */
export async function conversations(paths: StatePaths): Promise<Observed> {
  if ((await findDaemon(paths)) === undefined) return { verdict: "ok", detail: "read when the daemon starts" };
  const index = await requestJson(paths.daemonSocket, "GET", "/v1/index", { schema: IndexState });
  const next = index.troubles.map((trouble) => plainText(trouble)).join("\n");
  const detail = indexText(index);
  if (index.state === "unavailable") return { verdict: "fault", detail, next };
  return next === "" ? { verdict: "ok", detail } : { verdict: "advice", detail, next };
}

function indexText(index: IndexState): string {
  if (index.state === "unavailable") return "cannot be looked up";
  if (index.state === "scanning") return `being read: ${progressText(index)}`;
  const pending = index.textPendingBytes;
  const text = pending === 0 ? "" : `; ${grouped(Math.ceil(pending / MEBIBYTE))} MiB not searchable yet`;
  return `${grouped(index.conversations)} known${text}`;
}
