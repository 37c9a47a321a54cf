import { IndexState, Preferences, StateChange, StateSnapshot } from "../protocol/daemon-state.ts";
import { parseJson } from "../runtime/json-file.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { daemonStream } from "./daemon-stream.ts";

/** `snapshot`: everything, at first, and again when changes were missed. */
export type StateItem =
  | { type: "snapshot"; snapshot: StateSnapshot }
  | { type: "change"; change: StateChange }
  | { type: "index"; index: IndexState }
  | { type: "preferences"; preferences: Preferences };

/** The state of all sessions as it changes, over restarts of the daemon, until `signal`. */
export async function* followState(
  paths: StatePaths,
  { signal }: { signal?: AbortSignal | undefined },
): AsyncGenerator<StateItem, void, void> {
  let last: string | undefined;
  for await (const { event, id, data } of daemonStream(paths, "/v1/events", { lastEventId: () => last, signal })) {
    last = id ?? last;
    if (event === "snapshot") yield { type: event, snapshot: parseJson(data, StateSnapshot, "The state snapshot") };
    if (event === "change") yield { type: event, change: parseJson(data, StateChange, "The change of state") };
    if (event === "index") yield { type: event, index: parseJson(data, IndexState, "The state of the index") };
    if (event === "preferences") yield { type: event, preferences: parseJson(data, Preferences, "The preferences") };
  }
}
