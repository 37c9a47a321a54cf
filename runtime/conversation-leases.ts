import type { AgentToHost, HostToAgent } from "../protocol/agent-channel.ts";
import type { SessionId } from "../protocol/ids.ts";
import { claimLease, leasesOf, type Lease, type LeaseHolder } from "./lease.ts";

type MayOpen = Pick<Extract<AgentToHost, { type: "may-open" }>, "request" | "conversationId">;

/** Every host holds this one, whether it has a conversation or not. */
export function sessionKey(id: SessionId): string {
  return `session:${id}`;
}

/** One key per conversation: its header id, the only name that symlinks and renames leave alone. */
export function conversationKey(id: string): string {
  return `id:${id}`;
}

/** The refusal a user of pi sees, with the command that attaches. */
export function heldSentence(holder: LeaseHolder): string {
  return holder.session
    ? `That conversation is live in session ${holder.session}. To join it: pisync attach ${holder.session}`
    : "That conversation is live in another process. Close it there first.";
}

/**
 * The conversations that one holder may write to: one writer per conversation (design rule 2). Claims run one
 * after another, so that a claim and a release of the same key cannot cross.
 */
export class ConversationLeases {
  readonly #directory: string;
  readonly #holder: LeaseHolder;
  readonly #leases = new Map<string, Lease>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(directory: string, holder: LeaseHolder) {
    this.#directory = directory;
    this.#holder = holder;
  }

  /** Takes over what was claimed for this same process by a program that has ended. */
  async regain(): Promise<void> {
    await this.#inTurn(async () => {
      for (const lease of await leasesOf(this.#directory, this.#holder.process)) this.#leases.set(lease.key, lease);
    });
  }

  /** Undefined when the key is ours now, else who holds it. */
  async claim(key: string): Promise<LeaseHolder | undefined> {
    return this.#inTurn(async () => {
      if (this.#leases.has(key)) return undefined;
      const claim = await claimLease(this.#directory, key, this.#holder);
      if (claim.outcome === "held") return claim.holder;
      this.#leases.set(key, claim.lease);
      return undefined;
    });
  }

  /** What an agent that asks whether it may open a conversation is told; if it may, the conversation is held for it. */
  async answerMayOpen({ request, conversationId }: MayOpen): Promise<HostToAgent> {
    const holder = await this.claim(conversationKey(conversationId));
    return {
      type: "may-open-answer",
      request,
      allowed: holder === undefined,
      ...(holder && { message: heldSentence(holder) }),
    };
  }

  /** Gives up every key but these. */
  async keepOnly(keys: readonly string[]): Promise<void> {
    await this.#inTurn(async () => {
      for (const [key, lease] of this.#leases) {
        if (keys.includes(key)) continue;
        this.#leases.delete(key);
        await lease.release();
      }
    });
  }

  async close(): Promise<void> {
    await this.keepOnly([]);
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(action);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
