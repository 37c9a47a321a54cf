import { createConversationIndex } from "../daemon/conversation-index/conversation-index.ts";
import { openLog } from "../runtime/log.ts";
import { distFile } from "../runtime/version.ts";

/**
 * The built index in a process of its own: STATE_DIRECTORY SESSIONS. Prints how long it took, from its start on, to
 * know every conversation and to be able to search all of their text.
 */
const [stateDirectory = "", sessions = ""] = process.argv.slice(2);
const startedAt = performance.now();
const index = createConversationIndex({
  stateDirectory,
  roots: [{ path: sessions, depth: 1 }],
  log: openLog(`${stateDirectory}/bench.log`),
  threadProgram: distFile("index.js"),
});
await index.whenScanned();
const listMs = performance.now() - startedAt;
const { promise: searchable, resolve } = Promise.withResolvers<void>();
const look = () => {
  const { state, textPendingBytes } = index.state();
  if (state === "ready" && textPendingBytes === 0) resolve();
};
index.onState(look);
look();
await searchable;
const textMs = performance.now() - startedAt;
process.stdout.write(JSON.stringify({ conversations: index.state().conversations, listMs, textMs }));
await index.close();
