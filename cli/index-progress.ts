import { setTimeout as delay } from "node:timers/promises";
import type { IndexState } from "../protocol/daemon-state.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { PisyncClient } from "../client/pisync-client.ts";
import { grouped } from "./numbers.ts";
import { note, PATIENCE_MS, ProgressLine } from "./output.ts";

/** A first look at thousands of conversations is waited for this long; what is there is shown then. */
const SCAN_PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * Waits until every conversation has been looked at once, but not for ever; says so when it takes over a second.
 * Returns how far that is.
 */
export async function untilScanned(client: PisyncClient): Promise<IndexState> {
  const start = Date.now();
  const progress = new ProgressLine();
  try {
    for (;;) {
      const index = await client.index();
      const waited = Date.now() - start;
      if (index.state !== "scanning" || waited > SCAN_PATIENCE_MS) return index;
      if (waited > PATIENCE_MS) progress.show(`Reading conversations: ${progressText(index)}`);
      await delay(LOOK_EVERY_MS);
    }
  } finally {
    progress.clear();
  }
}

/** Says so when conversations are missing from what was printed, and why. */
export function noteIncomplete(index: IndexState): void {
  if (index.state === "scanning") {
    note(`\nConversations are still being read (${progressText(index)}): run this again for the rest.`);
  } else if (index.state === "unavailable") {
    note("\nOnly what pisync started is shown, because conversations cannot be looked up. Run: pisync doctor");
    for (const trouble of index.troubles) note(`  ${plainText(trouble)}`);
  }
}

/** `1,200 of 5,000`. */
export function progressText({ scanned, found }: IndexState): string {
  return `${grouped(scanned)} of ${grouped(found)}`;
}
