import type { Command } from "@commander-js/extra-typings";

/** The filters that name a session by what it is. */
export function withFilters<C extends Command>(command: C) {
  return command
    .option("--pid <PID>", "the session whose program has this process id")
    .option("--cwd <DIRECTORY>", "the session in this directory")
    .option("--session <ID>", "the session with this id")
    .option("--name <TEXT>", "the session with this text in its given name, or with this title")
    .option("--socket <PATH>", "the session with this host socket");
}
