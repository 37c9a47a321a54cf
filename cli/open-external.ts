import type { PisyncClient } from "../client/pisync-client.ts";
import { styleText } from "node:util";
import type { SessionSummary } from "../protocol/session.ts";
import type { PisyncError } from "../runtime/failure.ts";
import { plainText } from "../runtime/sanitise.ts";
import { askKey } from "./ask-key.ts";
import { untilClosed } from "./await-external.ts";
import { connectDaemon } from "./connect-daemon.ts";
import { jump } from "./external.ts";
import { launchIn } from "./launch.ts";
import { EXIT, note } from "./output.ts";

interface Choice {
  key: "j" | "f" | "w" | "q";
  does: string;
}

/**
 * Lets the user choose what becomes of such a refusal, and returns the exit code. Without a terminal to ask on it
 * stands.
 * @param again opens the conversation, once it is free.
 */
export async function chooseInstead(refusal: PisyncError, again: () => Promise<number>): Promise<number> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw refusal;
  const client = await connectDaemon();
  const session = await holderOf(client, refusal);
  if (session === undefined) throw refusal;
  note(`${styleText("red", "pisync:", { stream: process.stderr })} ${plainText(refusal.message)}`);
  const choices = choicesFor(session);
  const question = choices.map(({ key, does }) => `[${styleText("bold", key, { stream: process.stderr })}] ${does}`);
  const keys = choices.map(({ key }) => key);
  switch (await askKey(`  ${question.join("   ")}`, keys)) {
    case "j":
      return jump(client, session);
    case "f":
      return fork(session);
    case "w":
      return (await untilClosed(client, session)) ?? again();
    case "q":
    case undefined:
      return EXIT.failed;
  }
}

/** Pure. */
export function choicesFor({ terminal, conversation }: SessionSummary): Choice[] {
  return [
    ...((terminal?.tmux ?? terminal?.session) ? [{ key: "j", does: "jump there" } as const] : []),
    ...(conversation?.path === undefined ? [] : [{ key: "f", does: "fork it" } as const]),
    { key: "w", does: "wait until it ends" },
    { key: "q", does: "quit" },
  ];
}

/** In the directory of the conversation, which the fork is about too. */
function fork({ cwd, conversation }: SessionSummary): Promise<number> {
  return launchIn(cwd, "pi", ["pi", "--fork", conversation?.path ?? ""], {});
}

/** The session that has the conversation open, unless it has ended meanwhile. */
async function holderOf(client: PisyncClient, { facts }: PisyncError): Promise<SessionSummary | undefined> {
  const id = facts?.["session"];
  if (typeof id !== "string") return undefined;
  const { kind, ...holder } = await client.target({ session: id });
  return kind === "external" ? { kind, ...holder } : undefined;
}
