import { CommanderError } from "@commander-js/extra-typings";
import { EXIT, note } from "./output.ts";
import { buildProgram } from "./program.ts";

/** Runs the command that the words name, or the known agent that they start, and returns the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = buildProgram((code) => (exitCode = code));
  const names = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
  const [first] = args;
  if (first !== undefined && !first.startsWith("-") && first !== "help" && !names.includes(first)) {
    const { launch, recognised } = await import("./launch.ts");
    if (recognised(args)) return launch(args, {});
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((each) => each.commands)]) {
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    return reportUsage(error, first !== undefined && names.includes(first) ? first : undefined);
  }
  return exitCode;
}

/** commander's sentence, with where to read on. */
function reportUsage(error: CommanderError, command: string | undefined): number {
  // Help that was printed because no command was named.
  if (error.code === "commander.help") return EXIT.usage;
  const [sentence = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  note(`pisync: ${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`);
  const near = suggestion?.match(/Did you mean (?:one of )?(.*)\?/)?.[1];
  const help = `pisync ${command === undefined ? "--help" : command === "pi" ? "help pi" : `${command} --help`}`;
  note(near === undefined ? `  See: ${help}` : `  Did you mean ${near}? See: ${help}`);
  return EXIT.usage;
}
