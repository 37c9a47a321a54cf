import type * as crypto from "node:crypto";

/**
 * Node's crypto module, from its first use on: it takes 5 ms to load, and a command that asks a running daemon uses
 * nothing of it (docs/adr/0032).
 */
export function nodeCrypto(): typeof crypto {
  return process.getBuiltinModule("node:crypto");
}
