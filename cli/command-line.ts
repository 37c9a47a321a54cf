import { CommanderError } from "@commander-js/extra-typings";
import { nearest } from "../runtime/nearest.ts";
import { plainText } from "../runtime/sanitise.ts";
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
    await program.parseAsync(withoutVainHelp(args, names), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    return reportUsage(error, first !== undefined && names.includes(first) ? first : undefined);
  }
  return exitCode;
}

/** Without `help` before a command that does not exist: commander would print all help, and no word about it. */
function withoutVainHelp(args: readonly string[], names: readonly string[]): readonly string[] {
  const [first, second] = args;
  const vain = first === "help" && second !== undefined && !second.startsWith("-") && !names.includes(second);
  return vain ? args.slice(1) : args;
}

/** commander's sentence, with where to read on. */
function reportUsage(error: CommanderError, command: string | undefined): number {
  // Help that was printed because no command was named.
  if (error.code === "commander.help") return EXIT.usage;
  const { sentence, near } = usageSentence(error.message);
  note(`pisync: ${plainText(sentence)}`);
  const help = `pisync ${command === undefined ? "--help" : command === "pi" ? "help pi" : `${command} --help`}`;
  note(near === undefined ? `  See: ${help}` : `  Did you mean ${plainText(near)}? See: ${help}`);
  return EXIT.usage;
}

/** commander's message as a sentence of pisync's, and what was probably meant. Pure. */
export function usageSentence(message: string): { sentence: string; near: string | undefined } {
  const text = message.replace(/^error: /, "");
  const [, word, choices] = /(?:value|argument) '([^]*)' is invalid[^]*\. Allowed choices are (.*)\.$/.exec(text) ?? [];
  if (word !== undefined && choices !== undefined) {
    return { sentence: `"${word}" is none of ${choices}.`, near: nearest(word, choices.split(", ")) };
  }
  const [sentence = "", suggestion] = text.split("\n");
  const near = /Did you mean (?:one of )?(.*)\?/.exec(suggestion ?? "")?.[1];
  return { sentence: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1).replace(/\.$/, "")}.`, near };
}
