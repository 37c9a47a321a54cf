import type { PisyncClient } from "../../client/pisync-client.ts";
import { plainLines } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { textOf } from "../event-lines.ts";
import { noteGap } from "./stream.ts";
import { EXIT, print } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

/** Messages to look through for the last answer: tools come between. */
const LOOKED_AT = 50;

/** The last answer, and then what the agent says as it says it: plain text, and nothing else. */
export async function tail(target: string | undefined, options: TargetFilters & { follow: boolean }): Promise<number> {
  const query = targetQuery(target, options, { env: process.env, kind: "running" });
  const client = await connectDaemon();
  const { id } = await client.target(query);
  const { messages } = await client.messages(id, { limit: LOOKED_AT });
  const answers = messages.filter(({ message }) => message["role"] === "assistant");
  const last = answers.map(({ message }) => textOf(message)).findLast((text) => text.trim() !== "");
  if (last !== undefined) print(plainLines(last));
  if (options.follow) await followAnswers(client, id);
  return EXIT.done;
}

async function followAnswers(client: PisyncClient, id: string): Promise<void> {
  let atLineStart = true as boolean;
  const write = (text: string) => {
    if (text === "") return;
    process.stdout.write(text);
    atLineStart = text.endsWith("\n");
  };
  for await (const item of client.followLog(id, { raw: true, event: ["message_update", "message_end"] })) {
    if (item.type === "gap") noteGap(item.gap);
    if (item.type !== "event") continue;
    const { event, data } = item.event;
    if (event === "message_update" && data["kind"] === "text") write(plainLines(String(data["delta"])));
    if (event === "message_end" && !atLineStart) write("\n");
  }
}
