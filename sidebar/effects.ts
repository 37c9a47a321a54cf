import type * as z from "zod";
import { LaunchAnswer, ShowAnswer } from "../protocol/daemon-api.ts";
import { Preferences, SearchAnswer } from "../protocol/daemon-state.ts";
import type { SessionId } from "../protocol/ids.ts";
import { SessionSummary } from "../protocol/session.ts";
import { launchEnvironment } from "../runtime/environment.ts";
import { PisyncError } from "../runtime/failure.ts";
import { requestJson } from "../runtime/http-client.ts";
import { errorText, plainText } from "../runtime/sanitise.ts";
import { newSessionId } from "../runtime/session-id.ts";
import { directoriesLike } from "./directories.ts";
import type { Effect, Model } from "./model.ts";
import type { Message } from "./update.ts";
import type { Workspace } from "./workspace.ts";

/** A launch waits for the host to report, and a kill for the child to end. */
const SLOW_REQUEST_MS = 40_000;
/** The state stream tells of a launch within this time, or never. */
const LISTED_MS = 5_000;
/** A view in a new pane shows its session within this time, or the next one is opened all the same. */
const NEW_VIEW_MS = 5_000;

export interface EffectParts {
  daemonSocket: string;
  workspace: Workspace;
  /** The present model. */
  model: () => Model;
  /** Resolves with the first model that is so, or after `timeoutMs`. */
  until: (isSo: (model: Model) => boolean, timeoutMs: number) => Promise<void>;
  onMessage: (message: Message) => void;
  onClose: () => void;
}

/** Does what the model asks for; what fails is said in the footer, never thrown. */
export class Effects {
  readonly #parts: EffectParts;
  /** Sessions are opened one after the other, so that a double click makes one pane. */
  #opening: Promise<void> = Promise.resolve();

  constructor(parts: EffectParts) {
    this.#parts = parts;
  }

  run(effect: Effect): void {
    void this.#perform(effect).catch((error: unknown) => this.#say("error", sentenceOf(error)));
  }

  async #perform(effect: Effect): Promise<void> {
    switch (effect.type) {
      case "open":
        return this.#inTurn(() => this.#open(this.#session(effect.session), effect.here));
      case "launch":
        return this.#inTurn(() => this.#launch(effect.cwd));
      case "mirror":
        return this.#parts.workspace.mirror(this.#session(effect.session), effect.place);
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
      case "complete": {
        const { typed } = effect;
        this.#parts.onMessage({ type: "completed", typed, directories: await directoriesLike(effect.path) });
        return;
      }
      case "mute":
        await this.#post("/v1/mute", Preferences, { muted: effect.muted, session: effect.session });
        return;
      case "mute-all":
        await this.#post("/v1/mute", Preferences, { muted: effect.muted });
        return;
      case "close":
        await this.#parts.workspace.leave();
        this.#parts.onClose();
    }
  }

  async #inTurn(open: () => Promise<void>): Promise<void> {
    const opened = this.#opening.then(open);
    this.#opening = opened.catch(() => undefined);
    return opened;
  }

  async #open(session: SessionSummary, here: boolean): Promise<void> {
    const { workspace } = this.#parts;
    if (session.kind === "external") return this.#jump(session);
    const focused = session.kind === "live" && !here && (await workspace.focus(session.shownOn ?? []));
    if (!focused) await this.#show(session.kind === "live" ? session : await this.#resume(session));
    this.#chosen();
  }

  async #jump({ terminal, pid }: SessionSummary): Promise<void> {
    if (terminal === undefined) return this.#say("info", `It has no terminal: process ${pid ?? "unknown"}`);
    const said = await this.#parts.workspace.jump(terminal);
    if (said === undefined) this.#chosen();
    else this.#say("info", said);
  }

  async #resume(session: SessionSummary): Promise<SessionSummary> {
    this.#say("info", session.agent === "command" ? "Running it again" : "Resuming");
    const answer = await this.#post(`/v1/sessions/${session.id}/resume`, LaunchAnswer, await this.#launchFacts());
    this.#say("info", undefined);
    return answer.session;
  }

  async #launch(cwd: string): Promise<void> {
    this.#say("info", "Starting pi");
    const request = { id: newSessionId(), agent: "pi", argv: ["pi"], cwd, ...(await this.#launchFacts()) };
    const answer = await this.#post("/v1/launch", LaunchAnswer, request);
    this.#say("info", answer.notice);
    void this.#select(answer.session.id);
    await this.#show(answer.session);
    this.#chosen();
  }

  /** Once the state stream has told of it. */
  async #select(session: SessionId): Promise<void> {
    await this.#parts.until(({ sessions }) => sessions.has(session), LISTED_MS);
    this.#parts.onMessage({ type: "launched", session });
  }

  async #launchFacts() {
    const size = await this.#parts.workspace.viewSize();
    return { env: launchEnvironment(process.env), size, expectsView: true };
  }

  /** In a view that is around, which switches in place, else in a new one. */
  async #show(session: SessionSummary): Promise<void> {
    const { workspace } = this.#parts;
    for (const tty of await workspace.around()) {
      const { outcome } = await this.#post("/v1/show", ShowAnswer, { tty, session: session.id });
      if (outcome !== "shown") continue;
      await workspace.focus([tty]);
      return;
    }
    const tty = await workspace.attach(session);
    if (tty === undefined) return this.#parts.onMessage({ type: "left", session: session.id });
    const shows = ({ sessions }: Model) => sessions.get(session.id)?.shownOn?.includes(tty) ?? false;
    await this.#parts.until(shows, NEW_VIEW_MS);
  }

  /** What was opened for one choice has had it. */
  #chosen(): void {
    if (this.#parts.workspace.transient) this.#parts.onClose();
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
    if (session === undefined) throw new PisyncError("no-such-target", "That session is gone.");
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
