import { join } from "node:path";
import * as z from "zod";
import { SessionId } from "../protocol/ids.ts";
import { readJsonFile, writeJsonFile } from "../runtime/json-file.ts";
import type { Log } from "../runtime/log.ts";
import { errorText } from "../runtime/sanitise.ts";

const FILE = "preferences.json";
/** The oldest are forgotten beyond this. */
const MAX_ENTRIES = 2_000;

const Preferences = z.object({
  mutedAll: z.boolean(),
  muted: z.array(SessionId).max(MAX_ENTRIES),
  /** When each was dismissed, milliseconds since the epoch. */
  dismissed: z.array(z.tuple([SessionId, z.number()])).max(MAX_ENTRIES),
});
type Preferences = z.infer<typeof Preferences>;

const NONE: Preferences = { mutedAll: false, muted: [], dismissed: [] };

/** What the user wants of single sessions: which are silent, which they do not want to see again. Kept on disk. */
export interface PreferenceStore {
  isMuted(id: SessionId): boolean;
  readonly mutedAll: boolean;
  /** Without `id`: all of them. */
  mute(muted: boolean, id?: SessionId): Promise<void>;
  /** When the session was dismissed; undefined when it was not. */
  dismissedAt(id: SessionId): number | undefined;
  dismiss(id: SessionId, at: number): Promise<void>;
}

/** A broken file is as none: it holds nothing that could not be said again. */
export async function loadPreferences(stateDirectory: string, log: Log): Promise<PreferenceStore> {
  const file = join(stateDirectory, FILE);
  let present = await readJsonFile(file, Preferences).catch((error: unknown) => {
    log.warn("preferences-broken", { reason: errorText(error) });
    return undefined;
  });
  present ??= NONE;
  let muted = new Set(present.muted);
  let dismissed = new Map(present.dismissed);
  let { mutedAll } = present;

  async function save(): Promise<void> {
    muted = new Set([...muted].slice(-MAX_ENTRIES));
    dismissed = new Map([...dismissed].slice(-MAX_ENTRIES));
    await writeJsonFile(file, { mutedAll, muted: [...muted], dismissed: [...dismissed] } satisfies Preferences);
  }

  return {
    isMuted: (id) => mutedAll || muted.has(id),
    get mutedAll() {
      return mutedAll;
    },
    async mute(wanted, id) {
      if (id === undefined) mutedAll = wanted;
      else if (wanted) muted.add(id);
      else muted.delete(id);
      await save();
    },
    dismissedAt: (id) => dismissed.get(id),
    async dismiss(id, at) {
      // At the end again, so that the oldest are forgotten first.
      dismissed.delete(id);
      dismissed.set(id, at);
      await save();
    },
  };
}
