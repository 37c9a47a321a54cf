import { PisyncClient } from "../client/pisync-client.ts";
import { withProgress } from "./output.ts";

/** A client of the daemon, which is started when there is none. @throws as `PisyncClient.connect`. */
export function connectDaemon(): Promise<PisyncClient> {
  return withProgress("Starting the pisync daemon", PisyncClient.connect());
}
