/** Stands in for pi's extension: writes 20,000 events to the agent channel as fast as the host takes them. */
import { once } from "node:events";
import { request } from "node:http";

// The bench types a line when its reader is there; before, the host may not listen yet.
await once(process.stdin, "data");
const { PISYNC_HOST_SOCKET: socketPath, PISYNC_AGENT_TOKEN: token } = process.env;
const headers = { Connection: "Upgrade", Upgrade: "pisync-agent" };
const upgrade = request({ socketPath, path: "/v1/agent", headers });
upgrade.end();
const [, socket] = await once(upgrade, "upgrade");
socket.resume();
socket.write(`${JSON.stringify({ type: "hello", token, pid: process.pid, missing: [] })}\n`);
for (let count = 0; count < 20_000; count += 1) {
  const data = { kind: "text", contentIndex: 0, delta: `word${count} and some more of it `, deltas: 1, count };
  const line = { type: "event", event: "message_update", at: Date.now(), data };
  if (!socket.write(`${JSON.stringify(line)}\n`)) await once(socket, "drain");
}
setInterval(() => undefined, 1 << 30);
