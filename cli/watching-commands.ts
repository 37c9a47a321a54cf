import { Option, type Command } from "@commander-js/extra-typings";
import * as help from "./help.ts";
import { withFilters } from "./target-options.ts";
import { WAIT_FOR } from "./wait-outcome.ts";

/** Declares the commands that read what happens in a session. */
export function addWatching(program: Command, done: (exitCode: number) => void): void {
  withFilters(program.command("state"))
    .description("say how a session is")
    .argument("[TARGET]")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (target, options) => done(await (await import("./commands/state.ts")).state(target, options)));
  withFilters(program.command("commands"))
    .description("list the slash commands of a session")
    .argument("[TARGET]")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (target, options) => done(await (await import("./commands/commands.ts")).commands(target, options)));
  withFilters(program.command("history"))
    .description("print what happened in a session")
    .argument("[TARGET]")
    .option("-n, --limit <N>", "the newest so many events, 1 to 500")
    .option("--event <NAMES>", "only events of these names, with commas between them")
    .option("--since <TIME>", "only from this time on: ISO 8601, an age such as 2h, or milliseconds since 1970")
    .option("--max-bytes <N>", "of all events together; the newest is always printed")
    .option("--raw", "whole events instead of compact ones")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.HISTORY_HELP)
    .action(async (target, options) => done(await (await import("./commands/history.ts")).history(target, options)));
  withFilters(program.command("stream"))
    .description("print what happens in sessions, as it happens")
    .argument("[TARGET...]")
    .option("-a, --all", "in every session")
    .option("--event <NAMES>", "only events of these names, with commas between them")
    .option("--raw", "whole events instead of compact ones")
    .option("--json", "print each event as JSON, on a line")
    .addHelpText("after", help.STREAM_HELP)
    .action(async (targets, options) => done(await (await import("./commands/stream.ts")).stream(targets, options)));
  withFilters(program.command("tail"))
    .description("print what agents say, as plain text")
    .argument("[TARGET...]")
    .option("--no-follow", "print its last answer and return")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (targets, options) => done(await (await import("./commands/tail.ts")).tail(targets, options)));
  withFilters(program.command("wait"))
    .description("wait until sessions are idle, or something else")
    .argument("[TARGET...]")
    .addOption(new Option("--for <STATE>", "what to wait for").choices(WAIT_FOR).default("idle" as const))
    .option("--timeout <SECONDS>", "give up after so long")
    .addHelpText("after", help.WAIT_HELP)
    .action(async (targets, options) => done(await (await import("./commands/wait.ts")).wait(targets, options)));
  withFilters(program.command("emit"))
    .description("put an event into a session's log, for its readers")
    .usage("[TARGET] TEXT")
    .argument("[TEXT...]", "what the event says, behind the target when that is not the usual one")
    .option("--as <NAME>", "what it is about, for those who look for it")
    .option("--data <JSON>", "a JSON object that goes with it")
    .option("--json", "print the event as JSON")
    .addHelpText("after", help.EMIT_HELP)
    .action(async (words, options) => done(await (await import("./commands/emit.ts")).emit(words, options)));
}
