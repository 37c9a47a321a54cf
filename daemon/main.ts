import { createCommandAdapter } from "../adapters/agents/command/command-adapter.ts";
import { createPiAdapter } from "../adapters/agents/pi/pi-adapter.ts";
import { runDaemon } from "./run-daemon.ts";
import { programPath } from "../runtime/version.ts";

/** The daemon's composition root: the only place that knows which agents there are. */
await runDaemon({
  adapters: { pi: createPiAdapter(), command: createCommandAdapter() },
  hostProgram: programPath("host"),
  extensionPath: programPath("extension"),
});
