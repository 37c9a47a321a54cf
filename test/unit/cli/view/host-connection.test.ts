import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { HostConnection } from "../../../../cli/view/host-connection.ts";
import { createWorld } from "../../../support/temporary-world.ts";

/** A host's socket that takes a view only when it is told to. */
async function slowHost(socket: string): Promise<{ server: Server; accept: () => Promise<WebSocket> }> {
  const server = createServer();
  const views = new WebSocketServer({ noServer: true });
  const asked = once(server, "upgrade");
  server.listen(socket);
  await once(server, "listening");
  return {
    server,
    async accept() {
      const [request, connection, head] = (await asked) as Parameters<WebSocketServer["handleUpgrade"]>;
      return new Promise((resolve) => views.handleUpgrade(request, connection, head, resolve));
    },
  };
}

test("a terminal that is resized before the host has taken its view is said with its new size", async () => {
  await using world = await createWorld();
  const socket = join(world.work, "host.sock");
  const host = await slowHost(socket);
  const connection = new HostConnection(
    socket,
    { mode: "mirror", size: { cols: 80, rows: 45 } },
    { onMessage: () => {}, onOutput: () => {}, onLost: () => {}, onCongestion: () => {} },
  );
  connection.sendResize({ cols: 70, rows: 39 });
  const view = await host.accept();
  const [hello] = (await once(view, "message")) as [Buffer];
  expect(JSON.parse(hello.toString())).toMatchObject({ type: "hello", cols: 70, rows: 39 });
  await connection.close();
  host.server.close();
});
