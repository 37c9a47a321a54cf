import { type DaemonInfo, LaunchRequest, ResumeRequest, TargetQuery } from "../protocol/daemon-api.ts";
import { KillRequest, RenameRequest } from "../protocol/host-api.ts";
import { SessionId } from "../protocol/ids.ts";
import type { SessionList } from "../protocol/session.ts";
import { SCHEMA_VERSION } from "../protocol/version.ts";
import { createRouter, type ApiRequest, type Router } from "../runtime/http-router.ts";
import { parseValue } from "../runtime/json-file.ts";
import { noSuchSession, type Coordinator } from "./coordinator.ts";
import type { HostRegistry } from "./host-registry.ts";
import type { SessionControl } from "./session-control.ts";
import { listSessions, summarise } from "./session-list.ts";
import type { SessionRecords } from "./session-records.ts";
import { resolveTarget } from "./targets.ts";

export interface ApiParts {
  records: SessionRecords;
  hosts: HostRegistry;
  coordinator: Coordinator;
  control: SessionControl;
  info: () => DaemonInfo;
  /** Called once the answer to `stop` has left. */
  stop: () => void;
}

/** The daemon's HTTP API; its shapes and paths are those of protocol/daemon-api.ts. */
export function createApi({ records, hosts, coordinator, control, info, stop }: ApiParts): Router {
  const known = () => records.all().map((entry) => ({ ...entry, state: hosts.state(entry.record.id) }));

  return createRouter()
    .get("/v1/daemon", info)
    .post("/v1/daemon/stop", ({ response }) => void response.once("close", stop))
    .get("/v1/sessions", (): SessionList => ({ schemaVersion: SCHEMA_VERSION, sessions: listSessions(known()) }))
    .get("/v1/target", ({ query }) => {
      const sessions = known();
      const candidates = { listed: listSessions(sessions), all: sessions.map(summarise) };
      return resolveTarget(parseValue(query, TargetQuery, "The target"), candidates);
    })
    .post("/v1/launch", async ({ body }) => coordinator.launch(await body(LaunchRequest)))
    .post("/v1/sessions/:id/resume", async (request) => {
      return coordinator.resume(sessionOf(request), await request.body(ResumeRequest));
    })
    .post("/v1/sessions/:id/kill", async (request) => {
      return control.kill(sessionOf(request), await request.body(KillRequest));
    })
    .post("/v1/sessions/:id/rename", async (request) => {
      return control.rename(sessionOf(request), await request.body(RenameRequest));
    });
}

function sessionOf({ params }: ApiRequest): SessionId {
  const id = SessionId.safeParse(params.id);
  return id.success ? id.data : noSuchSession(params.id ?? "");
}
