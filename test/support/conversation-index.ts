import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { ConversationRoot } from "../../adapters/agents/conversation-adapter.ts";
import {
  createConversationIndex,
  type ConversationIndex,
  type IndexedConversation,
} from "../../daemon/conversation-index/conversation-index.ts";
import { openLog } from "../../runtime/log.ts";
import { ensurePrivateDirectory } from "../../runtime/secure-directory.ts";
import { programPath } from "../../runtime/version.ts";
import type { TemporaryWorld } from "./temporary-world.ts";
import { waitFor } from "./wait-for.ts";

/** The index of a world as its daemon has it, and what to wait for in it. */
export class IndexInWorld implements AsyncDisposable {
  readonly index: ConversationIndex;
  readonly log: string;

  /** Use startIndex(). */
  constructor(index: ConversationIndex, log: string) {
    this.index = index;
    this.log = log;
  }

  /** Titles of all conversations, sorted. */
  get titles(): string[] {
    return [...this.index.all()].map(titleOf).sort();
  }

  /** Waits until the conversation in this file is as the condition says. */
  async until(
    reason: string,
    path: string,
    condition: (conversation: IndexedConversation) => boolean,
  ): Promise<IndexedConversation> {
    return waitFor(reason, () => {
      const found = this.index.get(path);
      return found !== undefined && condition(found) ? found : undefined;
    });
  }

  /** Waits until every text can be searched. */
  async untilSearchable(): Promise<void> {
    await this.index.whenScanned();
    await waitFor("every text to be searchable", () => {
      const { state, textPendingBytes } = this.index.state();
      return state === "ready" && textPendingBytes === 0;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.index.close();
  }
}

/** Starts an index on these roots, by default the sessions of the world's agent directory. */
export async function startIndex(
  world: TemporaryWorld,
  roots: ConversationRoot[] = [{ path: sessionsOf(world), depth: 1 }],
  threadProgram = programPath("index"),
): Promise<IndexInWorld> {
  await ensurePrivateDirectory(world.stateDirectory);
  const log = join(world.stateDirectory, "index-test.log");
  const options = {
    stateDirectory: world.stateDirectory,
    log: openLog(log),
    roots,
    threadProgram,
  };
  return new IndexInWorld(createConversationIndex(options), log);
}

export function sessionsOf(world: TemporaryWorld): string {
  return join(world.agentDirectory, "sessions");
}

export function titleOf({ reading }: IndexedConversation): string {
  return reading.name ?? reading.firstMessage ?? "";
}

let entries = 0;

/** The line of one more message, as pi writes it. */
export function messageLine(role: "user" | "assistant", text: string, at = Date.now()): string {
  entries += 1;
  const id = entries.toString(16).padStart(8, "0");
  const message =
    role === "user"
      ? { role, content: [{ type: "text", text }], timestamp: at }
      : { role, content: [{ type: "text", text }], stopReason: "stop", timestamp: at };
  const entry = { type: "message", id, parentId: null, timestamp: new Date(at).toISOString(), message };
  return `${JSON.stringify(entry)}\n`;
}

/** Appends a message the way pi does. */
export function say(path: string, role: "user" | "assistant", text: string): void {
  appendFileSync(path, messageLine(role, text));
}
