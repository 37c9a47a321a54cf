import { Command, Option } from "@commander-js/extra-typings";
import { PACKAGE_VERSION } from "../runtime/version.ts";
import * as help from "./help.ts";
import { withFilters } from "./target-options.ts";
import { addWatching } from "./watching-commands.ts";

/**
 * Declares every command. Their code is loaded when one runs, because most of a command's time is the start.
 * @param done receives the exit code of the command that ran.
 */
export function buildProgram(done: (exitCode: number) => void) {
  const program = new Command("pisync")
    .description("Sessions of the coding agent pi that outlive the terminal, and many terminals on one session.")
    .usage("[COMMAND] [ARGS...]")
    .version(PACKAGE_VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [COMMAND]", "print the help of a command")
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .addHelpText("after", help.OVERVIEW_HELP);
  addLaunching(program, done);
  addTargeting(program, done);
  addControl(program, done);
  addWatching(program, done);
  addWorkspace(program, done);
  addDaemon(program, done);
  addRest(program, done);
  return program;
}

type Program = Command;

function addLaunching(program: Program, done: (exitCode: number) => void): void {
  program
    .command("pi")
    .description("start pi in a session and attach to it")
    .usage("[-d] [--name NAME] [ARGS...]")
    .argument("[ARGS...]", "pi's own arguments")
    .option("-d, --detach", "print the session's id instead of attaching")
    .option("--name <NAME>", "name the session")
    // --help and --version belong to the real pi.
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText("after", help.PI_HELP)
    .action(async (args, options) => done(await (await import("./launch.ts")).launch(["pi", ...args], options)));
  program
    .command("run")
    .description("start any command in a session and attach to it")
    .usage("[-d] [--name NAME] -- CMD [ARGS...]")
    .argument("<CMD...>", "the command and its arguments")
    .option("-d, --detach", "print the session's id instead of attaching")
    .option("--name <NAME>", "name the session")
    .passThroughOptions()
    .addHelpText("after", help.RUN_HELP)
    .action(async (argv, options) => done(await (await import("./launch.ts")).launch(argv, options)));
  withFilters(program.command("resume"))
    .description("bring a conversation back")
    .argument("[TARGET]")
    .option("-d, --detach", "print the session's id instead of attaching")
    .addHelpText("after", help.RESUME_HELP)
    .action(async (target, options) => done(await (await import("./commands/resume.ts")).resume(target, options)));
}

function addTargeting(program: Program, done: (exitCode: number) => void): void {
  withFilters(program.command("attach"))
    .description("show a live session in this terminal, or jump to where it runs")
    .argument("[TARGET]")
    .option("-r, --read-only", "look, and change nothing")
    .addHelpText("after", help.ATTACH_HELP)
    .action(async (target, options) => done(await (await import("./commands/attach.ts")).attach(target, options)));
  program
    .command("list")
    .alias("ls")
    .description("list what is live, what runs elsewhere, and what can be resumed")
    .option("-a, --all", "list everything that ended, too")
    .option("--cwd <DIRECTORY>", "list everything of this directory, and nothing else")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.LIST_HELP)
    .action(async (options) => done(await (await import("./commands/list.ts")).list(options)));
  program
    .command("search")
    .description("find conversations by what was said in them")
    .argument("<WORDS...>", "beginnings of words; an argument with a blank in it is a phrase")
    .option("-n, --limit <N>", "how many conversations, 1 to 100", "20")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.SEARCH_HELP)
    .action(async (words, options) => done(await (await import("./commands/search.ts")).search(words, options)));
  withFilters(program.command("explain"))
    .description("say how pisync knows what it says about a session")
    .argument("[TARGET]")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.EXPLAIN_HELP)
    .action(async (target, options) => done(await (await import("./commands/explain.ts")).explain(target, options)));
  withFilters(program.command("kill"))
    .description("end a session's program")
    .argument("[TARGET]")
    .addHelpText("after", help.KILL_HELP)
    .action(async (target, options) => done(await (await import("./commands/kill.ts")).kill(target, options)));
  withFilters(program.command("rename"))
    .description("name a session")
    .usage("[TARGET] NAME")
    .argument("<NAME...>", "the new name, behind the target when that is not the usual one")
    .addHelpText("after", help.RENAME_HELP)
    .action(async (words, options) => done(await (await import("./commands/rename.ts")).rename(words, options)));
}

function addControl(program: Program, done: (exitCode: number) => void): void {
  for (const [verb, deliverAs, description] of [
    ["send", "auto", "give a session a prompt: it starts a run, or steers the one that goes on"],
    ["steer", "steer", "give a session a prompt for the run that goes on"],
    ["follow-up", "followUp", "give a session a prompt for when its run has ended"],
  ] as const) {
    const command = withFilters(program.command(verb))
      .description(description)
      .usage("[TARGET] TEXT")
      .argument("<TEXT...>", "the prompt as one argument, or - for standard input; behind the target, if any")
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
    .description("interrupt a session's run, as Esc does")
    .argument("[TARGET]")
    .option("--json", "print the documented JSON")
    .addHelpText("after", help.TARGET_HELP)
    .action(async (target, options) => done(await (await import("./commands/abort.ts")).abort(target, options)));
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

function addWorkspace(program: Program, done: (exitCode: number) => void): void {
  withFilters(program.command("mirror"))
    .description("show a session in a further pane of tmux")
    .argument("[TARGET]")
    .option("--right", "beside this pane (the usual)")
    .option("--below", "below this pane")
    .option("--window", "in a new window")
    .option("--pane <ID>", "beside this pane of tmux, and its session when none is named")
    .addOption(new Option("--client <TTY>").hideHelp())
    .addHelpText("after", help.MIRROR_HELP)
    .action(async (target, options) => done(await (await import("./commands/mirror.ts")).mirror(target, options)));
  program
    .command("sidebar")
    .description("show the sidebar alone, in this terminal")
    .option("--over <PANE>", "show what is chosen in this pane of tmux")
    .option("--toggle", "dock it to this window of tmux, or take it away")
    .option("--pane <ID>", "with --toggle: to the window of this pane")
    .addOption(new Option("--client <TTY>").hideHelp())
    .addHelpText("after", help.SIDEBAR_HELP)
    .action(async (options) => done(await (await import("./commands/workspace.ts")).sidebar(options)));
  program
    .command("next")
    .description("go to the next session that needs you, in tmux")
    .option("--pane <ID>", "from this pane")
    .addOption(new Option("--client <TTY>").hideHelp())
    .action(async (options) => done(await (await import("./commands/next.ts")).next(options)));
  program
    .command("workspace-view", { hidden: true })
    .description("what stands beside the sidebar; pisync starts it")
    .action(async () => done(await (await import("./commands/workspace-view.ts")).workspaceView()));
}

function addDaemon(program: Program, done: (exitCode: number) => void): void {
  const load = () => import("./commands/daemon.ts");
  const daemon = program
    .command("daemon")
    .description("look after the background process")
    .addHelpText("after", help.DAEMON_HELP);
  daemon
    .command("start")
    .description("start it when it is not running")
    .action(async () => done(await (await load()).startDaemon()));
  daemon
    .command("stop")
    .description("stop it; sessions go on")
    .action(async () => done(await (await load()).stop()));
  daemon
    .command("restart")
    .description("stop it and start it")
    .action(async () => done(await (await load()).restart()));
  daemon
    .command("status")
    .description("say whether it is running (exit code 1 when not)")
    .option("--json", "print JSON")
    .action(async (options) => done(await (await load()).status(options)));
  daemon
    .command("logs")
    .description("print the end of its log")
    .option("-n, --lines <N>", "how many lines", "100")
    .action(async (options) => done((await load()).logs(options)));
}

function addRest(program: Program, done: (exitCode: number) => void): void {
  program
    .command("doctor")
    .description("check everything pisync needs, and say what to do")
    .option("--json", "print JSON")
    .action(async (options) => done(await (await import("./commands/doctor.ts")).doctor(options)));
  for (const verb of ["install", "uninstall"] as const) {
    program
      .command(verb)
      .description(verb === "install" ? "connect pisync with other programs" : "take away what install put there")
      .argument("<TARGET>", "extension")
      .option("-n, --dry-run", "say what would be done, and do nothing")
      .option("-y, --yes", "do not ask")
      .addHelpText("after", help.INSTALL_HELP)
      .action(async (target, options) => done(await (await import("./commands/install.ts"))[verb](target, options)));
  }
  program
    .command("demo")
    .description("show pisync at work, with nothing of yours touched")
    .addHelpText("after", help.DEMO_HELP)
    .action(async () => done(await (await import("./demo.ts")).demo()));
}
