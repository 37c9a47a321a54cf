import * as z from "zod";
import { MAX_PROMPT_REQUEST_BYTES } from "../../protocol/prompts.ts";
import type { SessionId } from "../../protocol/ids.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { parseValue } from "../../runtime/json-file.ts";
import type { ApiRequest, Handler, Router } from "../../runtime/http-router.ts";
import type { ExternalControls } from "../external/external-controls.ts";
import { isSilent } from "../external/external-refusals.ts";
import { noSuchSession } from "./refusals.ts";
import type { SessionList } from "../sessions/session-list.ts";
import type { SessionRecords } from "../sessions/session-records.ts";
import { notLive } from "./targets.ts";

type Method = "GET" | "POST" | "DELETE";

/** What a live session's host answers itself, and the daemon for an external session. */
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

export interface ControllableSessions {
  sessions: Pick<SessionList, "find">;
  controls: Pick<ExternalControls, "find">;
}

export interface SessionRouteParts extends ControllableSessions {
  records: Pick<SessionRecords, "prompts">;
}

/** Who answers for a session: its host, on that socket, or this daemon, for a pi that was started without pisync. */
export type Controller = { socket: string } | { router: Router };

/**
 * Serves `/v1/sessions/:session/…` by what the session's host, or the control of an external one, serves as `/v1/…`. The
 * prompts of one that has ended are read from disk.
 */
export function addSessionRoutes(router: Router, known: SessionRouteParts): Router {
  for (const [method, path] of ROUTES) {
    const handler: Handler = (request) => answer(request, method, path, known);
    const own = `/v1/sessions/:session${path}`;
    if (method === "GET") router.get(own, handler);
    else if (method === "POST") router.post(own, handler);
    else router.delete(own, handler);
  }
  return router;
}

async function answer(request: ApiRequest, method: Method, path: string, known: SessionRouteParts): Promise<unknown> {
  const { params, query } = request;
  if (method === "GET" && path === "/prompts") {
    const session = known.sessions.find(params.session ?? "");
    if (session?.kind === "resumable") return known.records.prompts(session.id);
  }
  const maxBytes = path === "/prompts" ? MAX_PROMPT_REQUEST_BYTES : undefined;
  // First: who is refused while writing does not see the refusal.
  const given = method === "POST" ? await request.body(z.json(), maxBytes) : undefined;
  const controller = await controllerOf(params.session ?? "", known);
  const target = `/v1${path.replace(":id", params.id ?? "")}`;
  if ("router" in controller) {
    const body: ApiRequest["body"] = (schema) =>
      new Promise((resolve) => resolve(parseValue(given, schema, "The request")));
    return controller.router.pass(method, target, { ...request, body });
  }
  const search = new URLSearchParams(query).toString();
  const options = { schema: z.json().optional(), body: given, unreachable: "host-unreachable" } as const;
  return requestJson(controller.socket, method, search === "" ? target : `${target}?${search}`, options);
}

/** @throws PisyncError `no-such-target`, `not-live`, `no-extension` of an external session without the extension. */
export async function controllerOf(id: SessionId, { sessions, controls }: ControllableSessions): Promise<Controller> {
  const summary = sessions.find(id) ?? noSuchSession(id);
  if (summary.kind === "external") return (await controls.find(summary.id)) ?? isSilent(summary);
  if (summary.socket === undefined) throw notLive(summary);
  return { socket: summary.socket };
}
