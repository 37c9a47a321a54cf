import { randomInt } from "node:crypto";
import { homedir } from "node:os";
import type * as z from "zod";
import { LaunchAnswer, ShowAnswer } from "../protocol/daemon-api.ts";
import { SearchAnswer } from "../protocol/daemon-state.ts";
import { SESSION_ID_ALPHABET, SESSION_ID_LENGTH } from "../protocol/session-id.ts";
import { SessionSummary } from "../protocol/session.ts";
import { inheritableEnvironment } from "../runtime/environment.ts";
import { PisyncError } from "../runtime/failure.ts";
import { requestJson } from "../runtime/http-client.ts";
import { errorText, plainText } from "../runtime/sanitise.ts";
import type { Effect, Model } from "./model.ts";
import type { Message } from "./update.ts";
import type { Workspace } from "./workspace.ts";

/** A launch waits for the host to report, and a kill for the child to end. */
const SLOW_REQUEST_MS = 40_000;

export interface EffectParts {
  daemonSocket: string;
  workspace: Workspace;
  /** The present model. */
  model: () => Model;
  onMessage: (message: Message) => void;
  onClose: () => void;
}

/** Does what the model asks for; what fails is said in the footer, never thrown. */
export class Effects {
  readonly #parts: EffectParts;

  constructor(parts: EffectParts) {
    this.#parts = parts;
  }

  run(effect: Effect): void {
    void this.#perform(effect).catch((error: unknown) => this.#say("error", sentenceOf(error)));
  }

  async #perform(effect: Effect): Promise<void> {
    switch (effect.type) {
      case "open":
        await this.#open(this.#session(effect.session), effect.here);
        if (this.#parts.workspace.transient) this.#parts.onClose();
        return;
      case "mirror":
        return this.#parts.workspace.mirror(this.#session(effect.session), effect.place);
      case "launch":
        return this.#launch(effect.cwd);
      case "rename":
        await this.#post(`/v1/sessions/${effect.session}/rename`, SessionSummary, { name: effect.name });
        return;
      case "kill":
        this.#say("info", "Ending it");
        await this.#post(`/v1/sessions/${effect.session}/kill`, SessionSummary, {});
        this.#say("info", "Killed");
        return;
      case "dismiss":
        await this.#post(`/v1/sessions/${effect.session}/dismiss`, SessionSummary, {});
        return;
      case "search":
        return this.#search(effect.query);
      case "mute":
      case "mute-all":
        return;
      case "close":
        if (!this.#parts.workspace.leave()) this.#parts.onClose();
    }
  }

  async #open(session: SessionSummary, here: boolean): Promise<void> {
    const { workspace } = this.#parts;
    if (session.kind === "external") {
      if (session.terminal === undefined) return this.#say("info", `It runs as process ${session.pid ?? "unknown"}`);
      const said = await workspace.jump(session.terminal);
      if (said !== undefined) this.#say("info", said);
      return;
    }
    if (session.kind === "live" && !here && (await workspace.focus(session.shownOn ?? []))) return;
    await this.#show(session.kind === "live" ? session : await this.#resume(session));
  }

  async #resume(session: SessionSummary): Promise<SessionSummary> {
    this.#say("info", "Resuming");
    const body = { env: launchEnvironment(), size: await this.#parts.workspace.viewSize(), expectsView: false };
    const answer = await this.#post(`/v1/sessions/${session.id}/resume`, LaunchAnswer, body);
    this.#say("info", undefined);
    return answer.session;
  }

  async #launch(typed: string): Promise<void> {
    const cwd = typed === "~" || typed.startsWith("~/") ? homedir() + typed.slice(1) : typed;
    this.#say("info", "Starting pi");
    const answer = await this.#post("/v1/launch", LaunchAnswer, {
      id: newSessionId(),
      agent: "pi",
      argv: ["pi"],
      cwd,
      env: launchEnvironment(),
      size: await this.#parts.workspace.viewSize(),
      expectsView: false,
    });
    this.#say("info", answer.notice);
    await this.#show(answer.session);
  }

  /** In the neighbouring view, which switches in place, else in a view of its own. */
  async #show(session: SessionSummary): Promise<void> {
    const { workspace } = this.#parts;
    const tty = await workspace.neighbour();
    if (tty !== undefined) {
      const { outcome } = await this.#post("/v1/show", ShowAnswer, { tty, session: session.id });
      if (outcome === "shown") {
        await workspace.focus([tty]);
        return;
      }
    }
    await workspace.attach(session);
  }

  async #search(query: string): Promise<void> {
    try {
      const path = `/v1/search?q=${encodeURIComponent(query)}&limit=50`;
      const { hits } = await requestJson(this.#parts.daemonSocket, "GET", path, { schema: SearchAnswer });
      this.#parts.onMessage({ type: "found", query, hits });
    } catch (error) {
      this.#parts.onMessage({ type: "search-failed", query, reason: sentenceOf(error) });
    }
  }

  #session(id: string): SessionSummary {
    const session = this.#parts.model().sessions.get(id);
    if (session === undefined) throw new PisyncError("no-such-target", "That session is gone.", {});
    return session;
  }

  #post<S extends z.ZodType>(path: string, schema: S, body: unknown): Promise<z.output<S>> {
    return requestJson(this.#parts.daemonSocket, "POST", path, { schema, body, timeoutMs: SLOW_REQUEST_MS });
  }

  #say(kind: "info" | "error", text: string | undefined): void {
    this.#parts.onMessage({ type: "notice", notice: text === undefined ? undefined : { kind, text } });
  }
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof PisyncError)) return errorText(error);
  return plainText(error.next === undefined ? error.message : `${error.message} ${error.next}`);
}

/** As from a shell in the pane: nothing that ties the program to this one, and direct colour inside tmux. */
function launchEnvironment(): Record<string, string> {
  const env = inheritableEnvironment(process.env);
  return process.env.TMUX === undefined ? env : { COLORTERM: "truecolor", ...env };
}

function newSessionId(): string {
  const letter = () => SESSION_ID_ALPHABET[randomInt(SESSION_ID_ALPHABET.length)];
  return Array.from({ length: SESSION_ID_LENGTH }, letter).join("");
}
