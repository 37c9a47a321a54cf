import type { StateItem } from "../client/follow-state.ts";
import type { SessionSummary } from "../protocol/session.ts";

/** Tells of one session, as it is and whenever it is different; undefined while it is not listed. Ends with `state`. */
export async function followSession(
  state: AsyncIterable<StateItem>,
  id: string,
  see: (session: SessionSummary | undefined) => void,
): Promise<void> {
  for await (const item of state) {
    if (item.type === "snapshot") see(item.snapshot.sessions.find((session) => session.id === id));
    if (item.type !== "change") continue;
    const session = item.change.changed.find((each) => each.id === id);
    if (session !== undefined || item.change.removed.includes(id)) see(session);
  }
}
