import type { PisyncClient } from "../../client/pisync-client.ts";
import { plainLines } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { textOf } from "../event-lines.ts";
import { noteGap } from "./stream.ts";
import { EXIT } from "../output.ts";
import { sessionsOf } from "../several-targets.ts";
import type { TargetFilters } from "../target.ts";

/** Messages to look through for the last answer: tools come between. */
const LOOKED_AT = 50;

/** The last answers, and then what the agents say as they say it: plain text, and of several the session above it. */
export async function tail(targets: readonly string[], options: TargetFilters & { follow: boolean }): Promise<number> {
  const client = await connectDaemon();
  const sessions = await sessionsOf(client, targets, options, "running");
  const output = new TailOutput({ withSession: sessions.length > 1 });
  for (const { id } of sessions) {
    const last = await lastAnswer(client, id);
    if (last !== undefined) output.write(id, `${plainLines(last)}\n`);
  }
  if (options.follow) await Promise.all(sessions.map(({ id }) => followAnswers(client, id, output)));
  return EXIT.done;
}

async function lastAnswer(client: PisyncClient, id: string): Promise<string | undefined> {
  const { messages } = await client.messages(id, { limit: LOOKED_AT });
  const answers = messages.filter(({ message }) => message["role"] === "assistant");
  return answers.map(({ message }) => textOf(message)).findLast((text) => text.trim() !== "");
}

async function followAnswers(client: PisyncClient, id: string, output: TailOutput): Promise<void> {
  for await (const item of client.followLog(id, { raw: true, event: ["message_update", "message_end"] })) {
    if (item.type === "gap") noteGap(item.gap);
    if (item.type !== "event") continue;
    const { event, data } = item.event;
    if (event === "message_update" && data["kind"] === "text") output.write(id, plainLines(String(data["delta"])));
    if (event === "message_end") output.endMessage(id);
  }
}

/** A line that is longer is not waited for, in UTF-16 code units. */
const MAX_HELD = 8_192;

/** What several sessions say, one below the other, as tail(1) has it: of several, whole lines, for they talk at once. */
class TailOutput {
  readonly #several: boolean;
  /** The beginning of a line that is not written yet. */
  readonly #held = new Map<string, string>();
  #atLineStart = true;
  #session: string | undefined;

  constructor({ withSession }: { withSession: boolean }) {
    this.#several = withSession;
  }

  write(session: string, text: string): void {
    if (!this.#several) return this.#print(session, text);
    const said = (this.#held.get(session) ?? "") + text;
    const whole = said.length > MAX_HELD ? said.length : said.lastIndexOf("\n") + 1;
    this.#held.set(session, said.slice(whole));
    return this.#print(session, said.slice(0, whole));
  }

  /** What that session says next is another message. */
  endMessage(session: string): void {
    this.#print(session, this.#held.get(session) ?? "");
    this.#held.delete(session);
    if (session === this.#session) this.#endLine();
  }

  #print(session: string, text: string): void {
    if (text === "") return;
    if (this.#several && session !== this.#session) {
      this.#endLine();
      process.stdout.write(`${this.#session === undefined ? "" : "\n"}==> ${session} <==\n`);
    }
    this.#session = session;
    process.stdout.write(text);
    this.#atLineStart = text.endsWith("\n");
  }

  #endLine(): void {
    if (!this.#atLineStart) process.stdout.write("\n");
    this.#atLineStart = true;
  }
}
