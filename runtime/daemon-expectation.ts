import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { compareVersions, PACKAGE_VERSION } from "./version.ts";

/**
 * What a client expects of the daemon that acts on its request: this version or a newer one, of the same protocol. It
 * travels with the request as its `Expect` header. Node's server refuses a request with one that nobody understands,
 * so a daemon older than this header does, too.
 */
export const DAEMON_EXPECTATION = `pisync=${PACKAGE_VERSION};protocol=${PROTOCOL_VERSION}`;

/** Whether this daemon is what a client expects. */
export function meetsExpectation(expectation: string): boolean {
  const [, version, protocol] = /^pisync=([^;]+);protocol=(\d+)$/.exec(expectation) ?? [];
  if (version === undefined) return false;
  return Number(protocol) === PROTOCOL_VERSION && compareVersions(PACKAGE_VERSION, version) >= 0;
}
