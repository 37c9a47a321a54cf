import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { AGENT_PATH } from "../protocol/agent-channel.ts";
import {
  AttributionRequest,
  KillRequest,
  LookedRequest,
  NoticeRequest,
  MAX_SCREEN_BYTES,
  RenameRequest,
  ScreenQuery,
  type ScreenText,
  SwitchRequest,
  type Switched,
} from "../protocol/host-api.ts";
import { MAX_VIEW_MESSAGE_BYTES, VIEW_PATH } from "../protocol/view.ts";
import { openEventSink } from "../runtime/event-sink.ts";
import { createRouter } from "../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../runtime/http-server.ts";
import { parseValue } from "../runtime/json-file.ts";
import type { Log } from "../runtime/log.ts";
import type { AgentControl } from "../control/agent-control.ts";
import type { AgentChannel } from "./agent-channel.ts";
import type { Screen } from "./screen/screen.ts";
import type { SessionState } from "./session-state.ts";
import type { Views } from "./views.ts";

export interface ApiParts {
  state: SessionState;
  views: Views;
  screen: Screen;
  channel: AgentChannel;
  control: AgentControl;
  log: Log;
  onKill(graceMs: number): void;
  onRename(name: string): void;
  onLooked(request: LookedRequest): void;
  /** @throws PisyncError `conversation-held`. */
  onAttribution(request: AttributionRequest): Promise<void>;
}

/** Serves protocol/host-api.ts on the host's socket. */
export async function serveHostApi(socketPath: string, parts: ApiParts): Promise<UnixServer> {
  const { state } = parts;
  const router = createRouter()
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
    .post("/v1/looked", async ({ body }) => parts.onLooked(await body(LookedRequest)))
    .post("/v1/attribution", async ({ body }) => {
      await parts.onAttribution(await body(AttributionRequest));
      return state.snapshot();
    });
  return listenUnix(parts.control.addRoutes(router), socketPath, {
    onUpgrade: createUpgrade(parts),
    onError: (error) => parts.log.error("request-failed", { reason: String(error) }),
  });
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
