import type { ProcessAdapter } from "../../adapters/agents/process-adapter.ts";
import type { MultiplexerAdapter } from "../../adapters/multiplexers/multiplexer-adapter.ts";
import type { SessionId } from "../../protocol/ids.ts";
import { ScreenText } from "../../protocol/host-api.ts";
import { requestJson } from "../../runtime/http-client.ts";
import type { ExternalSessions } from "../external/external-sessions.ts";
import type { SessionRecords } from "../sessions/session-records.ts";

/** Lines above the visible ones that are looked at too: some screens full, so that what scrolls is still seen. */
const SCROLLBACK_LINES = 300;
const ANSWER_MS = 2_000;

/** The text that a session shows its user. Outside text. */
export interface SessionScreen {
  text: string;
  /** Nothing of it comes from a program that used the terminal before the session. */
  own: boolean;
}

export interface SessionScreensParts {
  records: Pick<SessionRecords, "get">;
  externals: Pick<ExternalSessions, "all">;
  processes: Pick<ProcessAdapter, "sinceStart">;
  multiplexer: Pick<MultiplexerAdapter, "capture">;
}

/** Reads screens: of a session of pisync's through its host, of an external one through the terminal that shows it. */
export function createSessionScreens(
  parts: SessionScreensParts,
): (id: SessionId) => Promise<SessionScreen | undefined> {
  async function hostScreen(id: SessionId): Promise<string | undefined> {
    const socket = parts.records.get(id)?.record.host?.socket;
    if (socket === undefined) return undefined;
    const options = { schema: ScreenText, unreachable: "host-unreachable", timeoutMs: ANSWER_MS } as const;
    const path = `/v1/screen?scrollback=${SCROLLBACK_LINES}`;
    return requestJson(socket, "GET", path, options).then(
      ({ text }) => text,
      () => undefined,
    );
  }

  /** On a terminal with other programs, an agent's own text is what came after its start. */
  function sinceStart(text: string): SessionScreen {
    const own = parts.processes.sinceStart(text);
    return own === undefined ? { text, own: false } : { text: own, own: true };
  }

  async function paneScreen(tmux: { socket: string; pane: string }, tty: string): Promise<SessionScreen | undefined> {
    const shown = await parts.multiplexer.capture({ ...tmux, tty }, { scrollback: SCROLLBACK_LINES });
    return shown && (shown.fullScreen ? { text: shown.text, own: true } : sinceStart(shown.text));
  }

  return async (id) => {
    const terminal = parts.externals.all().find((external) => external.id === id)?.terminal;
    if (terminal?.tmux) return paneScreen(terminal.tmux, terminal.tty);
    const text = await hostScreen(terminal?.session ?? id);
    if (text === undefined) return undefined;
    return terminal ? sinceStart(text) : { text, own: true };
  };
}
