import { join } from "node:path";
import * as z from "zod";
import { SessionId } from "../protocol/ids.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { readJsonFile, writeJsonFile } from "../runtime/json-file.ts";
import type { Log } from "../runtime/log.ts";
import { errorText } from "../runtime/sanitise.ts";

const FILE = "preferences.json";
/** The oldest are forgotten beyond this. */
const MAX_ENTRIES = 2_000;

const Kept = z.object({
  mutedAll: z.boolean(),
  muted: z.array(SessionId).max(MAX_ENTRIES),
  /** When each was dismissed, milliseconds since the epoch. */
  dismissed: z.array(z.tuple([SessionId, z.number()])).max(MAX_ENTRIES),
});
type Kept = z.infer<typeof Kept>;

const NONE: Kept = { mutedAll: false, muted: [], dismissed: [] };

/** What the user wants of single sessions: which are silent, which they do not want to see again. Kept on disk. */
export interface PreferenceStore {
  readonly mutedAll: boolean;
  /** That session itself, whatever holds for all. */
  isMuted(id: SessionId): boolean;
  /** When the session was dismissed, milliseconds since the epoch; undefined when it was not. */
  dismissedAt(id: SessionId): number | undefined;
  /** Without `id`: all of them. */
  mute(muted: boolean, id?: SessionId): Promise<void>;
  /** Undefined takes it back. */
  dismiss(id: SessionId, at: number | undefined): Promise<void>;
  /** Tells of the session whose preferences have changed; of none when those for all have. */
  onChange(listener: (id: SessionId | undefined) => void): () => void;
}

/** A broken file is as none: it holds nothing that could not be said again. */
export async function loadPreferences(stateDirectory: string, log: Log): Promise<PreferenceStore> {
  const file = join(stateDirectory, FILE);
  const read = await readJsonFile(file, Kept).catch((error: unknown) => {
    log.warn("preferences-broken", { reason: errorText(error) });
    return undefined;
  });
  const { muted: mutedIds, dismissed: dismissals, ...rest } = read ?? NONE;
  const muted = new Set(mutedIds);
  const dismissed = new Map(dismissals);
  let { mutedAll } = rest;
  let written: Promise<void> = Promise.resolve();
  const listeners = new Set<(id: SessionId | undefined) => void>();

  /** One after another, so that the last one written is the last one wanted. */
  async function changed(id: SessionId | undefined): Promise<void> {
    for (const entries of [muted, dismissed]) {
      const [oldest] = entries.keys();
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    }
    for (const listener of listeners) listener(id);
    const write = () => writeJsonFile(file, { mutedAll, muted: [...muted], dismissed: [...dismissed] } satisfies Kept);
    written = written.then(write, write);
    await written;
  }

  return {
    get mutedAll() {
      return mutedAll;
    },
    isMuted: (id) => muted.has(id),
    dismissedAt: (id) => dismissed.get(id),
    async mute(wanted, id) {
      if (id === undefined) mutedAll = wanted;
      else if (wanted) muted.add(id);
      else muted.delete(id);
      await changed(id);
    },
    async dismiss(id, at) {
      // At the end again, so that the oldest are forgotten first.
      dismissed.delete(id);
      if (at !== undefined) dismissed.set(id, at);
      await changed(id);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The summary with what its user wants of the session. A dismissal ends with whatever happens in it later. */
export function withPreferences(
  summary: SessionSummary,
  preferences: Pick<PreferenceStore, "isMuted" | "dismissedAt">,
): SessionSummary {
  const { id, kind, updatedAt } = summary;
  const isDismissed = kind === "resumable" && (preferences.dismissedAt(id) ?? -1) >= updatedAt;
  return {
    ...summary,
    ...(preferences.isMuted(id) ? { muted: true } : {}),
    ...(isDismissed ? { dismissed: true } : {}),
  };
}
