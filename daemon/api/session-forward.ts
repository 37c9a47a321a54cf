import * as z from "zod";
import { MAX_PROMPT_REQUEST_BYTES } from "../../protocol/prompts.ts";
import type { SessionId } from "../../protocol/ids.ts";
import { requestJson } from "../../runtime/http-client.ts";
import type { ApiRequest, Handler, Router } from "../../runtime/http-router.ts";
import { isExternal } from "../external/external-refusals.ts";
import { noSuchSession } from "./refusals.ts";
import type { SessionList } from "../sessions/session-list.ts";
import { notLive } from "./targets.ts";

type Method = "GET" | "POST" | "DELETE";

/** What a live session's host answers itself: the daemon only finds the host. */
const ROUTES: readonly [Method, string][] = [
  ["GET", "/state"],
  ["GET", "/history"],
  ["GET", "/messages"],
  ["GET", "/commands"],
  ["POST", "/emit"],
  ["GET", "/prompts"],
  ["POST", "/prompts"],
  ["GET", "/prompts/:id"],
  ["DELETE", "/prompts/:id"],
  ["POST", "/abort"],
  ["GET", "/questions"],
  ["POST", "/questions/:id/answer"],
  ["POST", "/questions/:id/reject"],
];

/** Serves `/v1/sessions/:session/…` by what the session's host serves as `/v1/…`. */
export function forwardToHosts(router: Router, sessions: Pick<SessionList, "find">): Router {
  for (const [method, path] of ROUTES) {
    const handler: Handler = (request) => forward(request, method, path, sessions);
    const own = `/v1/sessions/:session${path}`;
    if (method === "GET") router.get(own, handler);
    else if (method === "POST") router.post(own, handler);
    else router.delete(own, handler);
  }
  return router;
}

async function forward(
  { params, query, body }: ApiRequest,
  method: Method,
  path: string,
  sessions: Pick<SessionList, "find">,
): Promise<unknown> {
  const given = method === "POST" ? await body(z.json(), MAX_PROMPT_REQUEST_BYTES) : undefined;
  const socket = hostOf(params.session ?? "", sessions);
  const search = new URLSearchParams(query).toString();
  const target = `/v1${path.replace(":id", params.id ?? "")}${search === "" ? "" : `?${search}`}`;
  const options = { schema: z.json().optional(), body: given, unreachable: "host-unreachable" } as const;
  return requestJson(socket, method, target, options);
}

/** @throws PisyncError `no-such-target`, `not-live`, `external-session`. */
export function hostOf(id: SessionId, sessions: Pick<SessionList, "find">): string {
  const summary = sessions.find(id) ?? noSuchSession(id);
  if (summary.kind === "external") throw isExternal(summary);
  if (summary.socket === undefined) throw notLive(summary);
  return summary.socket;
}
