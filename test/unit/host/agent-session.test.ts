import { expect, test } from "vitest";
import { AgentSession, type AgentSessionParts } from "../../../host/agent-session.ts";
import { SessionState } from "../../../host/session-state.ts";
import { ConversationLeases } from "../../../runtime/conversation-leases.ts";
import { openLog } from "../../../runtime/log.ts";
import { statePaths } from "../../../runtime/paths.ts";
import { ownIdentity } from "../../../runtime/process-identity.ts";
import { ensurePrivateDirectory, ensureStateDirectories } from "../../../runtime/secure-directory.ts";
import { sessionRecord } from "../../fixtures/daemon/records.ts";
import { createWorld } from "../../support/temporary-world.ts";

test("a word for the conversation that comes after the end changes nothing", async () => {
  await using world = await createWorld();
  const paths = statePaths(world.env);
  await ensureStateDirectories(paths);
  await ensurePrivateDirectory(paths.sessionDirectory("abcdefgh"));
  const log = openLog(paths.logFile("host-abcdefgh"));
  const facts = { views: [], size: { cols: 80, rows: 24 } };
  const state = new SessionState(paths.sessionRecord("abcdefgh"), sessionRecord("abcdefgh"), facts, log);
  const leases = new ConversationLeases(paths.leasesDirectory, { process: await ownIdentity() });
  // Nothing of the rest is asked for.
  const session = new AgentSession({ state, leases, log } as unknown as AgentSessionParts);
  const attribute = (id: string) => session.attribute({ conversation: { id }, evidence: "content" });
  await attribute("0198-first");
  session.close();
  await leases.close();
  await attribute("0198-late");
  expect(state.record.conversation?.id).toBe("0198-first");
  await state.saved();
  log.close();
});
