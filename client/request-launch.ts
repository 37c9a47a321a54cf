import type { LaunchAnswer, LaunchRequest } from "../protocol/daemon-api.ts";
import { DAEMON_EXPECTATION } from "../runtime/daemon-expectation.ts";
import { PisyncError } from "../runtime/failure.ts";
import { requestText } from "../runtime/http-client.ts";
import { parseJson } from "../runtime/json-file.ts";
import { loadWhile } from "../runtime/load-while.ts";
import type { StatePaths } from "../runtime/paths.ts";

/** The host has to report first. */
const TIMEOUT_MS = 40_000;

/**
 * Asks the daemon for a launch without a look at it first: it acts only when it is of this version, or newer with
 * the same protocol. Otherwise, and when there is none, one is started and asked again; the request's id makes it the
 * same launch. The request is under way when this returns, and nothing is loaded before that it does not need
 * (docs/adr/0032).
 * @param paths whose directories are there and private.
 * @throws PisyncError the daemon's refusal, or as `ensureDaemon`.
 */
export async function requestLaunch(paths: StatePaths, request: LaunchRequest): Promise<LaunchAnswer> {
  const answer = send(paths, request).catch(async (error: unknown) => {
    if (!(error instanceof PisyncError) || error.code !== "daemon-unreachable") throw error;
    const { ensureDaemon } = await import("../runtime/ensure-daemon.ts");
    await ensureDaemon(paths);
    return send(paths, request);
  });
  const load = () => import("../protocol/daemon-api.ts");
  await loadWhile(answer, load);
  return parseJson(await answer, (await load()).LaunchAnswer, "The answer to the launch");
}

function send(paths: StatePaths, request: LaunchRequest): Promise<string> {
  return requestText(paths.daemonSocket, "POST", "/v1/launch", {
    body: request,
    timeoutMs: TIMEOUT_MS,
    expect: DAEMON_EXPECTATION,
  });
}
