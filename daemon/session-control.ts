import * as z from "zod";
import type { SessionId } from "../protocol/ids.ts";
import { HostState, type SessionSummary } from "../protocol/session.ts";
import type { DismissRequest, MuteRequest } from "../protocol/daemon-api.ts";
import type { Preferences } from "../protocol/daemon-state.ts";
import type { KillRequest, RenameRequest } from "../protocol/host-api.ts";
import { PisyncError } from "../runtime/failure.ts";
import { requestJson } from "../runtime/http-client.ts";
import { isExternal } from "./external/external-refusals.ts";
import type { HostRegistry } from "./hosts/host-registry.ts";
import type { PreferenceStore } from "./preferences.ts";
import { noSuchSession } from "./api/refusals.ts";
import { recordToResume } from "./sessions/resumable-record.ts";
import type { SessionList } from "./sessions/session-list.ts";
import type { SessionRecords } from "./sessions/session-records.ts";
import { notLive } from "./api/targets.ts";

/** What the host may take beyond the child's grace to write its end. */
const HOST_GRACE_MS = 2_000;

/** Commands to one session. */
export interface SessionControl {
  /**
   * Ends the session's program and its host: politely through the host, by force when the host does not do it
   * within the grace and 2 s. Resolves with the ended session.
   * @throws PisyncError `no-such-target`, `not-live`, `external-session`.
   */
  kill(id: SessionId, request: KillRequest): Promise<SessionSummary>;
  /**
   * Names the conversation: pi is told at once, or when it is resumed.
   * @throws PisyncError `no-such-target`, `external-session`, `host-unreachable`.
   */
  rename(id: SessionId, request: RenameRequest): Promise<SessionSummary>;
  /** @throws PisyncError `no-such-target`, `already-live`, `external-session`. */
  dismiss(id: SessionId, request: DismissRequest): Promise<SessionSummary>;
  /** @throws PisyncError `no-such-target`. */
  mute(request: MuteRequest): Promise<Preferences>;
}

export function createSessionControl(
  records: SessionRecords,
  hosts: HostRegistry,
  sessions: Pick<SessionList, "find" | "known">,
  preferences: PreferenceStore,
): SessionControl {
  function find(id: SessionId): SessionSummary {
    const summary = sessions.find(id) ?? noSuchSession(id);
    if (summary.kind === "external") throw isExternal(summary);
    return summary;
  }

  return {
    async kill(id, request) {
      const summary = find(id);
      if (summary.socket === undefined) throw notLive(summary);
      const asked = await askToEnd(summary.socket, request);
      const patience = asked ? request.graceMs + HOST_GRACE_MS : 0;
      if (!(await hosts.whenEnded(id, patience))) {
        await hosts.forceEnd(id);
        await hosts.whenEnded(id, HOST_GRACE_MS);
      }
      return find(id);
    },

    async rename(id, { name }) {
      find(id);
      const record = recordToResume(sessions.known(id) ?? noSuchSession(id));
      if (record.host === undefined) {
        const pending = record.agent === "pi" ? ({ namePending: true } as const) : {};
        await records.save({ ...record, name, ...pending, updatedAt: Date.now() });
      } else {
        const options = { schema: HostState, body: { name }, unreachable: "host-unreachable" } as const;
        records.remember((await requestJson(record.host.socket, "POST", "/v1/rename", options)).record);
      }
      return find(id);
    },

    async dismiss(id, { dismissed }) {
      const summary = find(id);
      if (summary.kind === "live") throw stillLive(summary);
      await preferences.dismiss(summary.id, dismissed ? Math.max(Date.now(), summary.updatedAt) : undefined);
      return find(id);
    },

    async mute({ muted, session }) {
      const id = session === undefined ? undefined : (sessions.find(session) ?? noSuchSession(session)).id;
      await preferences.mute(muted, id);
      return { mutedAll: preferences.mutedAll };
    },
  };
}

function stillLive({ id, title }: SessionSummary): PisyncError {
  return new PisyncError("already-live", `Session ${id} (${title}) is live.`, {
    next: `End it first with: pisync kill ${id}`,
    facts: { session: id },
  });
}

/** False when the host cannot be asked. */
async function askToEnd(socket: string, request: KillRequest): Promise<boolean> {
  try {
    const options = { schema: z.unknown(), body: request, timeoutMs: HOST_GRACE_MS } as const;
    await requestJson(socket, "POST", "/v1/kill", { ...options, unreachable: "host-unreachable" });
    return true;
  } catch (error) {
    if (error instanceof PisyncError) return false;
    throw error;
  }
}
