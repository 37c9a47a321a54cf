import { tmpdir } from "node:os";
import type { ExtensionAPI } from "@earendil-works/pi-coding-agent";
import { AgentChannel } from "./channel.ts";
import { daemonSocket } from "./daemon-socket.ts";
import { isOlder, piVersion } from "./pi-version.ts";
import { SessionReporter } from "./session-reporter.ts";

/**
 * Runs inside pi and tells pisync what only pi knows: which conversation is open, its name, when a run starts and
 * how it ends, and whether a dialog waits. In a session of pisync it speaks with the session's host, anywhere else,
 * when it is installed for every pi, with the daemon. Imports nothing of pisync's at run time, prints nothing, and lets
 * no error of its own reach pi.
 */
export default function pisyncExtension(pi: ExtensionAPI): void {
  if (process.env.PISYNC_NO_EXTENSION === "1") return;
  const version = piVersion();
  const channel = channelOfThisProcess(version);
  if (channel) new SessionReporter(pi, channel, version).listen();
}

const MAX_PATH = 4_096;
const SLOT = Symbol.for("pisync.agent-channel");

interface Slot {
  /** The file that was loaded first: what pisync injects is loaded before what is installed. */
  speaker: string;
  channel: AgentChannel | undefined;
}

/**
 * pi loads the extension anew for every session, and perhaps a second copy of it; the connection stays, and one
 * copy speaks. Undefined in a copy that has nothing to say.
 */
function channelOfThisProcess(version: string | undefined): AgentChannel | undefined {
  const slots = globalThis as unknown as Record<symbol, Slot | undefined>;
  const slot = (slots[SLOT] ??= { speaker: import.meta.url, channel: createChannel(version) });
  return slot.speaker === import.meta.url ? slot.channel : undefined;
}

function createChannel(version: string | undefined): AgentChannel | undefined {
  const { PISYNC_HOST_SOCKET: hostSocket, PISYNC_AGENT_TOKEN: token } = process.env;
  // It is for this process: a pi that a tool of this one starts is none of pisync's sessions.
  delete process.env.PISYNC_AGENT_TOKEN;
  const inSession = hostSocket && token;
  const socket = inSession ? hostSocket : daemonSocket(process.env);
  if (socket === undefined) return undefined;
  const channel = new AgentChannel(socket, {
    type: "hello",
    token: inSession ? token : "",
    pid: process.pid,
    agentVersion: version?.slice(0, 64),
    missing: missingFrom(version),
    bridge: { named: process.env.PI_BRIDGE_DIR?.slice(0, MAX_PATH), temporary: tmpdir().slice(0, MAX_PATH) },
  });
  // The host waits for a word of the extension, the daemon for an interactive session.
  if (inSession) channel.open();
  return channel;
}

/** What this pi does not tell an extension, worded to follow "pi lacks:". */
function missingFrom(version: string | undefined): string[] {
  return [
    ...(isOlder(version, "0.80.3") ? ["word of a new name, which shows after the next turn"] : []),
    ...(isOlder(version, "0.80.4") ? ["word of the end of a run, which is inferred from silence"] : []),
  ];
}
