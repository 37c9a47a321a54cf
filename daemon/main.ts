import { createCommandAdapter } from "../adapters/agents/command/command-adapter.ts";
import { createPiAdapter } from "../adapters/agents/pi/pi-adapter.ts";
import { createPiConversations } from "../adapters/agents/pi/pi-conversations.ts";
import { createPiProcesses } from "../adapters/agents/pi/pi-processes.ts";
import { createTmuxAdapter } from "../adapters/multiplexers/tmux/tmux-adapter.ts";
import { createTmuxNotices } from "../adapters/multiplexers/tmux/tmux-notices.ts";
import { homedir } from "node:os";
import { programPath } from "../runtime/version.ts";
import { runDaemon } from "./run-daemon.ts";

/** The daemon's composition root: the only place that knows which agents and multiplexers there are. */
await runDaemon({
  adapters: { pi: createPiAdapter(), command: createCommandAdapter() },
  conversations: createPiConversations(),
  processes: createPiProcesses({ home: homedir() }),
  multiplexer: createTmuxAdapter(),
  notices: createTmuxNotices(),
  hostProgram: programPath("host"),
  indexProgram: programPath("index"),
  extensionPath: programPath("extension"),
});
