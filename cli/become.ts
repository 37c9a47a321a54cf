import { flushCompileCache } from "node:module";
import { passThrough } from "./pass-through.ts";

/**
 * Goes on as another of pisync's own programs in this very process, so that none waits beside it: what reaches the
 * one that the user started (a signal, the end of its terminal, a kill) reaches the one that runs
 * (docs/adr/0120). Its exit code is this process's.
 * @param argv a Node program: one that cannot be executed would end this process without a sentence.
 */
export function become(argv: readonly [string, ...string[]]): Promise<number> {
  // Node does this at its own end only, and this is none.
  flushCompileCache();
  process.execve?.(argv[0], argv);
  return passThrough(argv);
}
