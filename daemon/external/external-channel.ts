import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AgentToHost } from "../../protocol/agent-channel.ts";
import type { ProcessIdentity } from "../../protocol/ids.ts";
import { AgentConnection, type Hello } from "../../runtime/agent-connection.ts";
import { ConversationLeases } from "../../runtime/conversation-leases.ts";
import type { Log } from "../../runtime/log.ts";
import { identityOf } from "../../runtime/process-identity.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { ExternalAgent } from "./external-agent.ts";
import type { ExternalControl } from "./external-control.ts";
import { MAX_EXTERNAL_AGENTS, type ExternalControls } from "./external-controls.ts";
import { externalIdOf, type ExternalReport } from "./external-sessions.ts";

export interface ExternalChannelOptions {
  leasesDirectory: string;
  controls: Pick<ExternalControls, "begin">;
  /** Told what a process says of itself after each change, and undefined once it says nothing any more. */
  report(process: ProcessIdentity, report: ExternalReport | undefined): void;
  log: Log;
}

/** The daemon's end of the agent channel, for every pi that pisync did not start. */
export interface ExternalChannel {
  /** Takes over an HTTP connection that asked for the agent channel. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** What the agents hold, they keep: the next daemon finds it. */
  close(): void;
}

/** A process that speaks: what it says of itself, and from its first identity on what it is controlled by. */
interface Speaker {
  readonly hello: Hello;
  readonly agent: ExternalAgent;
  control?: ExternalControl | undefined;
  report?: ExternalReport | undefined;
}

/**
 * Whoever can connect is this user, because the socket is closed to others; which process it is it says itself, and
 * it must be one that this user may signal.
 */
export function createExternalChannel(options: ExternalChannelOptions): ExternalChannel {
  const connections = new Set<AgentConnection>();
  /** The connection that speaks for a pid: its newest. */
  const speaking = new Map<number, AgentConnection>();

  function accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    let speaker: Speaker | undefined;
    const speaks = ({ agent }: Speaker) => speaking.get(agent.process.pid) === connection;
    const connection: AgentConnection = new AgentConnection(request, socket, head, {
      async onHello(hello: Hello) {
        const { pid } = hello;
        if (speaker !== undefined) return "One hello is enough.";
        const process = isOwnProcess(pid) ? await identityOf(pid) : undefined;
        if (process === undefined) return "There is no such process of this user.";
        const leases = new ConversationLeases(options.leasesDirectory, { process });
        await leases.regain();
        if (!connection.open) return "Gone meanwhile.";
        speaking.get(pid)?.close();
        speaking.set(pid, connection);
        speaker = { hello, agent: new ExternalAgent(process, leases, connection) };
        connection.send({ type: "ready", session: externalIdOf(process) });
        return undefined;
      },
      async onMessage(message) {
        if (speaker === undefined || !speaks(speaker)) return;
        try {
          await hear(speaker, message, connection);
        } catch (error) {
          options.log.error("agent-message", { type: message.type, reason: errorText(error) });
        }
      },
      onClose() {
        connections.delete(connection);
        speaker?.control?.disconnected(connection);
        if (speaker === undefined || !speaks(speaker)) return;
        speaking.delete(speaker.agent.process.pid);
        options.report(speaker.agent.process, undefined);
      },
    });
    connections.add(connection);
    if (connections.size > MAX_EXTERNAL_AGENTS) connection.refuse("Too many agents are connected.");
  }

  async function hear(
    speaker: Speaker,
    message: Exclude<AgentToHost, Hello>,
    connection: AgentConnection,
  ): Promise<void> {
    const { agent, hello } = speaker;
    if (message.type === "identity" && speaker.control === undefined) {
      const start = { process: agent.process, cwd: message.cwd || "/", hello };
      speaker.control = await options.controls.begin(start);
      if (connection.open) speaker.control?.state.connect(connection);
      speaker.control?.receive(hello);
    }
    speaker.control?.receive(message);
    const report = await agent.reportAfter(message);
    // Gone meanwhile, or another connection speaks for it.
    if (speaking.get(agent.process.pid) !== connection) return;
    if (report !== speaker.report) options.report(agent.process, report);
    speaker.report = report;
    speaker.control?.heed(message, report);
  }

  return {
    accept,
    close() {
      speaking.clear();
      for (const connection of connections) connection.close();
    },
  };
}

function isOwnProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
