import {
  type DaemonInfo,
  DismissRequest,
  LaunchRequest,
  MuteRequest,
  OrdersQuery,
  ResumeRequest,
  ShowRequest,
  TargetQuery,
} from "../../protocol/daemon-api.ts";
import { KillRequest, RenameRequest } from "../../protocol/host-api.ts";
import { SessionId } from "../../protocol/ids.ts";
import type { SearchAnswer } from "../../protocol/daemon-state.ts";
import { SearchQuery } from "../../protocol/search.ts";
import { SCHEMA_VERSION } from "../../protocol/version.ts";
import { createRouter, limitStreams, type ApiRequest, type Router } from "../../runtime/http-router.ts";
import { parseValue } from "../../runtime/json-file.ts";
import type { AgentAvailabilities } from "../agent-availability.ts";
import type { Coordinator } from "../coordinator.ts";
import { explain } from "../sessions/explanation.ts";
import type { Knowledge } from "../knowledge.ts";
import type { ExternalControls } from "../external/external-controls.ts";
import type { Orders } from "../orders.ts";
import type { ListAnswers } from "./list-answers.ts";
import { noSuchSession } from "./refusals.ts";
import { searchSessions } from "./search.ts";
import type { SessionControl } from "../session-control.ts";
import { addSessionRoutes } from "./session-forward.ts";
import type { SessionRecords } from "../sessions/session-records.ts";
import type { SessionLogs } from "./session-logs.ts";
import { resolveTarget } from "./targets.ts";

/** Fewer than the socket takes connections. */
const MAX_STREAMS = 220;

export interface ApiParts {
  knowledge: Pick<Knowledge, "sessions" | "stream" | "index">;
  records: Pick<SessionRecords, "prompts">;
  controls: ExternalControls;
  coordinator: Coordinator;
  control: SessionControl;
  agents: AgentAvailabilities;
  orders: Orders;
  logs: SessionLogs;
  lists: ListAnswers;
  info: () => DaemonInfo;
  /** Called once the answer to `stop` has left. */
  stop: () => void;
}

/** The daemon's HTTP API; its shapes and paths are those of protocol/daemon-api.ts. */
export function createApi({
  knowledge,
  records,
  controls,
  coordinator,
  control,
  agents,
  orders,
  logs,
  lists,
  info,
  stop,
}: ApiParts): Router {
  const { sessions, stream, index } = knowledge;
  const streaming = limitStreams(MAX_STREAMS);
  return addSessionRoutes(createRouter(), { sessions, controls, records })
    .get("/v1/daemon", info)
    .post("/v1/daemon/stop", ({ response }) => void response.once("close", stop))
    .get("/v1/sessions", () => lists.present())
    .get("/v1/sessions/:id/explanation", (request) => {
      const session = sessions.find(sessionOf(request)) ?? noSuchSession(sessionOf(request));
      return explain(sessions.known(session.id) ?? noSuchSession(session.id), session, Date.now());
    })
    .get(
      "/v1/log",
      streaming((request) => logs.serveAll(request)),
    )
    .get(
      "/v1/sessions/:session/log",
      streaming((request) => logs.serveOne(request)),
    )
    .get("/v1/index", () => index.state())
    .get("/v1/search", async ({ query }): Promise<SearchAnswer> => {
      const hits = await searchSessions(parseValue(query, SearchQuery, "The search"), knowledge);
      return { schemaVersion: SCHEMA_VERSION, hits, index: index.state() };
    })
    .get("/v1/agents", ({ query }) => agents.list({ again: query["check"] === "true" }))
    .get(
      "/v1/events",
      streaming((request) => stream.serve(request)),
    )
    .get("/v1/target", ({ query }) => resolveTarget(parseValue(query, TargetQuery, "The target"), sessions))
    .get("/v1/orders", ({ query, response }) => {
      orders.listen(parseValue(query, OrdersQuery, "The query").tty, response);
    })
    .post("/v1/show", async ({ body }) => {
      const { tty, session } = await body(ShowRequest);
      return orders.show(tty, sessions.find(session) ?? noSuchSession(session), sessions.all());
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
    })
    .post("/v1/sessions/:id/dismiss", async (request) => {
      return control.dismiss(sessionOf(request), await request.body(DismissRequest));
    })
    .post("/v1/mute", async ({ body }) => control.mute(await body(MuteRequest)));
}

function sessionOf({ params }: ApiRequest): SessionId {
  const id = SessionId.safeParse(params.id);
  return id.success ? id.data : noSuchSession(params.id ?? "");
}
