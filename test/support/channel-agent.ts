import { once } from "node:events";
import { request } from "node:http";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { AGENT_PATH, AGENT_UPGRADE, type AgentToHost, HostToAgent } from "../../protocol/agent-channel.ts";
import { waitFor } from "./wait-for.ts";

/** The extension's end of an agent channel, which says what a test has it say. */
export interface ChannelAgent {
  socket: Socket;
  said: HostToAgent[];
  say(...messages: (AgentToHost | Record<string, unknown>)[]): void;
  /** The first message of that type that it was sent. */
  hears(type: HostToAgent["type"]): Promise<HostToAgent>;
  closed: Promise<unknown>;
}

/** Connects as the extension does, without a word. */
export async function connectAgent(socketPath: string): Promise<ChannelAgent> {
  const headers = { Connection: "Upgrade", Upgrade: AGENT_UPGRADE };
  const upgrade = request({ socketPath, path: AGENT_PATH, headers });
  upgrade.end();
  const [, socket, head] = (await once(upgrade, "upgrade")) as [unknown, Socket, Buffer];
  socket.unshift(head);
  const said: HostToAgent[] = [];
  const lines = createInterface({ input: socket });
  lines.on("line", (line) => said.push(HostToAgent.parse(JSON.parse(line))));
  // The daemon closes while something is still being written.
  lines.on("error", () => undefined);
  return {
    socket,
    said,
    say: (...messages) => messages.forEach((message) => socket.write(`${JSON.stringify(message)}\n`)),
    hears: (type) => waitFor(`the agent to hear ${type}`, () => said.find((message) => message.type === type)),
    closed: new Promise((resolve) => socket.once("close", resolve)),
  };
}

export function hello(pid = process.pid): AgentToHost {
  return { type: "hello", token: "", pid, missing: [] };
}

export function identity(conversationId: string, more: Partial<AgentToHost> = {}): AgentToHost {
  return { type: "identity", reason: "startup", conversationId, cwd: "/", running: false, ...more } as AgentToHost;
}
