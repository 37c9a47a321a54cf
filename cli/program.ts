import { Argument, Command, Option } from "@commander-js/extra-typings";
import { PACKAGE_VERSION } from "../runtime/version.ts";
import * as help from "./help.ts";
import { addControl } from "./control-commands.ts";
import { INSTALL_NAMES } from "./install/install-target.ts";
import { SHELLS } from "./install/user-shell.ts";
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
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .addHelpText("after", help.OVERVIEW_HELP);
  const groups: readonly [string, (program: Program, done: (exitCode: number) => void) => void][] = [
    ["Start, show and resume:", addLaunching],
    ["Find and look after sessions:", addTargeting],
    ["The workspace:", addWorkspace],
    ["Less to look at:", addPreferences],
    ["Drive a session:", addControl],
    ["Watch a session:", addWatching],
    ["pisync itself:", addDaemon],
    ["pisync itself:", addRest],
  ];
  for (const [heading, add] of groups) add(program.commandsGroup(heading), done);
  return program.addHelpCommand(helpFor(program));
}

/** As commander's own, with the commands that there are: completion is made from what is declared. */
function helpFor(program: Program) {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((each) => each.name()).filter((name) => name !== "help");
  const command = new Command("help").description("print the help of a command").helpOption(false);
  command.addArgument(new Argument("[COMMAND]").choices(names));
  return command;
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
  withFilters(program.command("attach"))
    .description("show a live session in this terminal, or jump to where it runs")
    .argument("[TARGET]")
    .option("-r, --read-only", "look, and change nothing")
    .addOption(new Option("--in-sidebar").hideHelp())
    .addHelpText("after", help.ATTACH_HELP)
    .action(async (target, options) => done(await (await import("./commands/attach.ts")).attach(target, options)));
}

function addTargeting(program: Program, done: (exitCode: number) => void): void {
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
    .option("-n, --limit <N>", "how many conversations, 1 to 100; 20 unless told")
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

function addPreferences(program: Program, done: (exitCode: number) => void): void {
  withFilters(program.command("dismiss"))
    .description("leave out of the list what has ended")
    .argument("[TARGET]")
    .option("--off", "show it again")
    .addHelpText("after", help.DISMISS_HELP)
    .action(async (target, options) => done(await (await import("./commands/dismiss.ts")).dismiss(target, options)));
  withFilters(program.command("mute"))
    .description("switch notifications of a session off")
    .argument("[TARGET]")
    .option("-a, --all", "of every session")
    .option("--off", "switch them on again")
    .addHelpText("after", help.MUTE_HELP)
    .action(async (target, options) => done(await (await import("./commands/mute.ts")).mute(target, options)));
}

function addWorkspace(program: Program, done: (exitCode: number) => void): void {
  withFilters(program.command("mirror"))
    .description("show a session in a further pane of tmux")
    .argument("[TARGET]")
    .option("--right", "beside this pane (the usual)")
    .option("--below", "below this pane")
    .option("--window", "in a new window")
    .option("--pane <PANE>", "beside this pane of tmux, and its session when none is named")
    .addOption(new Option("--client <TTY>").hideHelp())
    .addHelpText("after", help.MIRROR_HELP)
    .action(async (target, options) => done(await (await import("./commands/mirror.ts")).mirror(target, options)));
  program
    .command("sidebar")
    .description("show the sidebar alone, in this terminal")
    .option("--over <PANE>", "for a popup over this pane of tmux: goes after one choice")
    .option("--toggle", "dock it to this window of tmux, or take it away")
    .option("--pane <PANE>", "with --toggle: to the window of this pane")
    .addOption(new Option("--client <TTY>").hideHelp())
    .addHelpText("after", help.SIDEBAR_HELP)
    .action(async (options) => done(await (await import("./commands/workspace.ts")).sidebar(options)));
  program
    .command("next")
    .description("go to the next session that needs you, in tmux")
    .option("--pane <PANE>", "from this pane")
    .addOption(new Option("--client <TTY>").hideHelp())
    .action(async (options) => done(await (await import("./commands/next.ts")).next(options)));
  program
    .command("workspace-view", { hidden: true })
    .description("what stands beside the sidebar; pisync starts it")
    .argument("[SESSION]")
    .action(async (session) => done(await (await import("./commands/workspace-view.ts")).workspaceView(session)));
}

function addDaemon(program: Program, done: (exitCode: number) => void): void {
  const load = () => import("./commands/daemon.ts");
  const daemon = program
    .command("daemon")
    .description("look after the background process")
    .helpCommand("help [COMMAND]", "print the help of a command")
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
      .addArgument(new Argument("<WHAT>").choices(INSTALL_NAMES))
      .option("-n, --dry-run", "say what would be done, and do nothing")
      .option("-y, --yes", "do not ask")
      .addHelpText("after", help.INSTALL_HELP)
      .action(async (target, options) => done(await (await import("./commands/install.ts"))[verb](target, options)));
  }
  program
    .command("completions")
    .description("print the completion of a shell")
    .addArgument(new Argument("<SHELL>").choices(SHELLS))
    .addHelpText("after", help.COMPLETIONS_HELP)
    .action(async (shell) => done((await import("./commands/completions.ts")).completions(shell)));
  program
    .command("demo")
    .description("show pisync at work, with nothing of yours touched")
    .addHelpText("after", help.DEMO_HELP)
    .action(async () => done(await (await import("./demo.ts")).demo()));
}
