import type { Command } from "@commander-js/extra-typings";
import * as help from "./help.ts";
import { withFilters } from "./target-options.ts";

/** Declares the commands that prompt a session, stop its run and answer what it asks. */
export function addControl(program: Command, done: (exitCode: number) => void): void {
  for (const [verb, deliverAs, description] of [
    ["send", "auto", "give sessions a prompt: it starts a run, or steers the one that goes on"],
    ["steer", "steer", "give a session a prompt for the run that goes on"],
    ["follow-up", "followUp", "give a session a prompt for when its run has ended"],
  ] as const) {
    const command = withFilters(program.command(verb))
      .description(description)
      .usage("[TARGET...] TEXT")
      .argument("<TEXT...>", "the prompt as one argument, or - for standard input; behind the targets, if any")
      .option("--image <FILE>", "send this image, too; more than one with more of this", collect)
      .option("--id <ID>", "the prompt's id: the same id again is the same prompt")
      .option("--wait", "wait until its run has ended; exit code 5 when that failed, 6 when it was interrupted")
      .option("--timeout <SECONDS>", "with --wait: at most this long; exit code 4 then")
      .option("--json", "print the documented JSON")
      .addHelpText("after", help.SEND_HELP);
    if (verb === "send") command.option("--now", "start a run now, or refuse");
    command.action(async (words, options) =>
      done(await (await import("./commands/send.ts")).send(words, { ...options, deliverAs })),
    );
  }
  withFilters(program.command("prompts"))
    .description("list the prompts that wait, and those that were sent last")
    .argument("[TARGET]")
    .option("--cancel <ID>", "cancel this one, while it waits")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (target, options) => done(await (await import("./commands/prompts.ts")).prompts(target, options)));
  withFilters(program.command("abort"))
    .description("interrupt the run of sessions, as Esc does")
    .argument("[TARGET...]")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (targets, options) => done(await (await import("./commands/abort.ts")).abort(targets, options)));
  withFilters(program.command("questions"))
    .description("list what a session asks its user")
    .argument("[TARGET]")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (target, options) =>
      done(await (await import("./commands/questions.ts")).questions(target, options)),
    );
  withFilters(program.command("answer"))
    .description("answer a session's question; the first answer counts")
    .usage("[TARGET] QUESTION ANSWER")
    .argument("<WORDS...>", "the question's id and the answer, behind the target, if any")
    .addHelpText("after", help.ANSWER_HELP)
    .action(async (words, options) => done(await (await import("./commands/answer.ts")).answer(words, options)));
  withFilters(program.command("reject"))
    .description("close a session's question without an answer, as Esc does")
    .usage("[TARGET] QUESTION")
    .argument("<WORDS...>", "the question's id, behind the target, if any")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (words, options) => done(await (await import("./commands/reject.ts")).reject(words, options)));
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
