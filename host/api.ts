import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { AGENT_PATH } from "../protocol/agent-channel.ts";
import {
  AttributionRequest,
  KillRequest,
  NoticeRequest,
  MAX_SCREEN_BYTES,
  RenameRequest,
  ScreenQuery,
  type ScreenText,
  SwitchRequest,
  type Switched,
} from "../protocol/host-api.ts";
import { type Aborted, MAX_PROMPT_REQUEST_BYTES, PromptQuery, PromptRequest } from "../protocol/prompts.ts";
import { AnswerRequest } from "../protocol/questions.ts";
import { MAX_VIEW_MESSAGE_BYTES, VIEW_PATH } from "../protocol/view.ts";
import { openEventSink } from "../runtime/event-sink.ts";
import { createRouter, type Router } from "../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../runtime/http-server.ts";
import { parseValue } from "../runtime/json-file.ts";
import type { Log } from "../runtime/log.ts";
import type { AgentChannel } from "./agent-channel.ts";
import type { AgentRequests } from "./agent-requests.ts";
import type { PromptQueue } from "./prompt-queue.ts";
import type { Screen } from "./screen.ts";
import type { SessionEvents } from "./session-events.ts";
import type { SessionState } from "./session-state.ts";
import type { Views } from "./views.ts";

export interface ApiParts {
  state: SessionState;
  events: SessionEvents;
  views: Views;
  screen: Screen;
  channel: AgentChannel;
  prompts: PromptQueue;
  requests: AgentRequests;
  log: Log;
  onKill(graceMs: number): void;
  onRename(name: string): void;
  /** @throws PisyncError `conversation-held`. */
  onAttribution(request: AttributionRequest): Promise<void>;
}

/** Serves protocol/host-api.ts on the host's socket. */
export async function serveHostApi(socketPath: string, parts: ApiParts): Promise<UnixServer> {
  const { state, events } = parts;
  const router = createRouter()
    .get("/v1/state", () => events.snapshot())
    .get("/v1/events", ({ response }) => {
      const sink = openEventSink(response, () => unsubscribe());
      const send = () => sink.send("state", state.snapshot());
      const unsubscribe = state.subscribe(send);
      send();
    })
    .get("/v1/screen", ({ query }) => screenText(parts.screen, query))
    .post("/v1/views/notice", async ({ body }) => {
      const { ttys, text } = await body(NoticeRequest);
      parts.views.notify(ttys, text);
    })
    .post("/v1/views/switch", async ({ body }): Promise<Switched> => {
      const { tty, session, socket } = await body(SwitchRequest);
      return { views: parts.views.switchTerminal(tty, { type: "switch", session, socket, reason: "" }) };
    })
    .post("/v1/kill", async ({ body }) => {
      parts.onKill((await body(KillRequest)).graceMs);
    })
    .post("/v1/rename", async ({ body }) => {
      parts.onRename((await body(RenameRequest)).name);
      return state.snapshot();
    })
    .post("/v1/attribution", async ({ body }) => {
      await parts.onAttribution(await body(AttributionRequest));
      return state.snapshot();
    });
  addControl(router, parts);
  return listenUnix(events.addRoutes(router), socketPath, {
    onUpgrade: createUpgrade(parts),
    onError: (error) => parts.log.error("request-failed", { reason: String(error) }),
  });
}

/** What programs do with the agent: protocol/prompts.ts and protocol/questions.ts. */
function addControl(router: Router, { prompts, requests }: ApiParts): void {
  router
    .get("/v1/prompts", () => prompts.list())
    .post("/v1/prompts", async ({ body }) => prompts.accept(await body(PromptRequest, MAX_PROMPT_REQUEST_BYTES)))
    .get("/v1/prompts/:id", ({ params, query }) => {
      return prompts.get(params.id ?? "", parseValue(query, PromptQuery, "The query").wait);
    })
    .delete("/v1/prompts/:id", ({ params }) => prompts.cancel(params.id ?? ""))
    .post("/v1/abort", () => abort(prompts, requests))
    .get("/v1/questions", () => requests.questions)
    .post("/v1/questions/:id/answer", async ({ params, body }) => {
      await requests.settle(params.id ?? "", await body(AnswerRequest));
    })
    .post("/v1/questions/:id/reject", ({ params }) => requests.settle(params.id ?? ""));
}

async function abort(prompts: PromptQueue, requests: AgentRequests): Promise<Aborted> {
  await prompts.interrupting();
  try {
    const aborted = await requests.abort();
    if (!aborted.running) prompts.nothingToInterrupt();
    return aborted;
  } catch (error) {
    prompts.nothingToInterrupt();
    throw error;
  }
}

/** Waits for what was written until now, so that the answer is never older than the question. */
async function screenText(screen: Screen, query: Readonly<Record<string, string>>): Promise<ScreenText> {
  const { scrollback } = parseValue(query, ScreenQuery, "The query");
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
  return { text: screen.plainText({ scrollback, maxBytes: MAX_SCREEN_BYTES }) };
}

function createUpgrade({ views, channel }: ApiParts): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_VIEW_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  return (request, socket, head) => {
    const path = request.url?.split("?", 1)[0];
    if (path === VIEW_PATH) {
      webSockets.handleUpgrade(request, socket, head, (webSocket) => views.accept(webSocket));
    } else if (path === AGENT_PATH) {
      channel.accept(request, socket, head);
    } else {
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    }
  };
}
