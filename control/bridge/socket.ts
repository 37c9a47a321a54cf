import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, link, lstat, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { PisyncError, systemErrorCode } from "../../runtime/failure.ts";
import { somebodyListens } from "../../runtime/listening.ts";

/** Clients of one bridge. */
const MAX_CONNECTIONS = 64;

/**
 * A unix socket, mode 0600, under a name that somebody else may want: the pi-session-bridge extension in the same pi.
 * It gets its name by a link, which never replaces what is there, and gives up only its own. (A server that listened on
 * the name itself would remove it at its end, whoever has it by then.)
 */
export class BridgeSocket {
  readonly path: string;
  readonly #server: Server;
  readonly #inode: number;

  /** Use openBridgeSocket(). */
  constructor(path: string, server: Server, inode: number) {
    this.path = path;
    this.#server = server;
    this.#inode = inode;
  }

  /** The name still leads here. */
  async isOurs(): Promise<boolean> {
    const stats = await lstat(this.path).catch(() => undefined);
    return stats?.ino === this.#inode;
  }

  /** Takes no more clients. The name is removed unless somebody else has it by now. */
  async close(): Promise<void> {
    if (await this.isOurs()) await rm(this.path, { force: true });
    this.#server.close();
  }
}

/**
 * `refusal` is what a client beyond the limit is told, before it is closed.
 * @throws PisyncError `already-live` when somebody listens there; a system error, as for too long a path.
 */
export async function openBridgeSocket(
  path: string,
  { onConnection, refusal }: { onConnection: (socket: Socket) => void; refusal: string },
): Promise<BridgeSocket> {
  let connections = 0;
  // A client may have said all it has to say before it is answered.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections >= MAX_CONNECTIONS) {
      socket.on("error", () => undefined);
      socket.end(refusal, () => socket.destroy());
      return;
    }
    connections += 1;
    socket.once("close", () => (connections -= 1));
    onConnection(socket);
  });
  const temporary = join(dirname(path), `.${randomBytes(4).toString("hex")}.sock`);
  try {
    server.listen(temporary);
    await once(server, "listening");
    await chmod(temporary, 0o600);
    await nameIt(temporary, path);
    return new BridgeSocket(path, server, (await lstat(temporary)).ino);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What a process has left behind that is no more does not count. */
async function nameIt(temporary: string, path: string): Promise<void> {
  for (const isLast of [false, true]) {
    try {
      return await link(temporary, path);
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST") throw error;
    }
    if (isLast || (await somebodyListens(path))) {
      throw new PisyncError("already-live", `Another process listens on ${path}.`, { facts: { socket: path } });
    }
    await rm(path, { force: true });
  }
}
