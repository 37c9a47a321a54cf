import { SessionManager } from "@earendil-works/pi-coding-agent";

/** pi's own list of all conversations of its agent directory. Prints how long it took, without loading pi. */
const startedAt = performance.now();
const sessions = await SessionManager.listAll();
const listMs = performance.now() - startedAt;
process.stdout.write(
  JSON.stringify({ conversations: sessions.length, listMs, peakKib: process.resourceUsage().maxRSS }),
);
