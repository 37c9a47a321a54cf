import { connect } from "node:net";
import { systemErrorCode } from "./failure.ts";

/** Whether a process listens on that socket. A full backlog (EAGAIN) also means that one is there. */
export function somebodyListens(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(systemErrorCode(error) ?? "")));
  });
}
