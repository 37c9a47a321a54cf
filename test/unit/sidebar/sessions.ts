import type { IndexState } from "../../../protocol/daemon-state.ts";
import type { SessionSummary, Size, Status } from "../../../protocol/session.ts";
import { configuredKeys } from "../../../runtime/keybindings.ts";
import { emptyModel, type Model } from "../../../sidebar/model.ts";
import { update } from "../../../sidebar/update.ts";

export const NOW = 1_800_000_000_000;

/** A session as the daemon would list it. */
export function session(id: string, facts: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id,
    kind: "live",
    agent: "pi",
    title: `title of ${id}`,
    titleSource: "first-message",
    cwd: "/home/me/project",
    generation: 1,
    views: 0,
    createdAt: NOW - 60_000,
    updatedAt: NOW - 30_000,
    ...facts,
  };
}

export function status(state: Status["state"], facts: Partial<Status> = {}): Status {
  return { state, since: NOW - 65_000, source: "extension", ...facts };
}

const INDEX: IndexState = {
  state: "ready",
  conversations: 0,
  scanned: 0,
  found: 0,
  since: NOW,
  textPendingBytes: 0,
  troubles: [],
};

export const PLACES = { home: "/home/me", cwd: "/home/me/here" };
export const KEYS = configuredKeys({});

/** The sidebar with its first snapshot. */
export function modelOf(sessions: readonly SessionSummary[], size: Size = { cols: 40, rows: 12 }): Model {
  const preferences = { mutedAll: false };
  return update(emptyModel(size, PLACES), { type: "snapshot", sessions, index: INDEX, preferences }, KEYS).model;
}
