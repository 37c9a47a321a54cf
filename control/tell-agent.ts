import type { HostToAgent } from "../protocol/agent-channel.ts";
import type { SessionRecord } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";

/** Sends to the extension. @throws PisyncError `no-extension` when none is connected. */
export type TellAgent = (message: HostToAgent) => void;

/** `send` is false when no extension is connected; `record` is of the session that it would be in. */
export function tellAgent(
  send: (message: HostToAgent) => boolean,
  record: () => Pick<SessionRecord, "id" | "agent">,
): TellAgent {
  return (message) => {
    if (!send(message)) throw noExtension(record());
  };
}

export function noExtension({ id, agent }: Pick<SessionRecord, "id" | "agent">): PisyncError {
  if (agent === "command") {
    return new PisyncError(
      "no-extension",
      `Session ${id} runs a command; only pi takes prompts and has a conversation.`,
      {
        next: `See it with: pisync attach ${id}`,
        facts: { session: id },
      },
    );
  }
  return new PisyncError("no-extension", "pisync's extension in this session is not connected.", {
    next: `See why with: pisync explain ${id}`,
    facts: { session: id },
  });
}
