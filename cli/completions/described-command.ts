import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** What can stand in one place of a command line. */
export type Candidates =
  | { readonly kind: "nothing" | "session" | "directory" | "file" | "program" }
  | { readonly kind: "words"; readonly words: readonly string[] };

export interface DescribedOption {
  /** `-d` and `--detach`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Absent when it takes none. */
  readonly value?: Candidates;
}

export interface DescribedCommand {
  /** From behind `pisync`: `daemon start`. */
  readonly path: string;
  /** The last word of the path, and what may stand for it. */
  readonly names: readonly string[];
  readonly description: string;
  readonly options: readonly DescribedOption[];
  readonly argument: Candidates;
  /** From its first argument on the words belong to another program. */
  readonly passesThrough: boolean;
  readonly commands: readonly DescribedCommand[];
}

/** What the placeholders in the declarations stand for; any other one for free text. */
const OPTION_VALUES: Readonly<Record<string, Candidates["kind"]>> = {
  ID: "session",
  DIRECTORY: "directory",
  PATH: "file",
};
const ARGUMENTS: Readonly<Record<string, Candidates["kind"]>> = {
  TARGET: "session",
  // Of rename, whose first word may be the target.
  NAME: "session",
  ARGS: "file",
  CMD: "program",
};
const PASSING_THROUGH = ["ARGS", "CMD"];

/** Everything a user can type, as it is declared: whatever completes from this cannot drift from the program. */
export function describe(program: CommandUnknownOpts, path = ""): DescribedCommand {
  const help = program.createHelp();
  const [argument] = program.registeredArguments;
  const commands = help.visibleCommands(program);
  return {
    path,
    names: [program.name(), ...program.aliases()],
    description: program.description(),
    options: help.visibleOptions(program).map(describeOption),
    argument: candidates(argument?.argChoices, ARGUMENTS[argument?.name() ?? ""]),
    passesThrough: PASSING_THROUGH.includes(argument?.name() ?? ""),
    commands: commands.map((command) => describe(command, `${path} ${command.name()}`.trim())),
  };
}

/** The command itself and all below it. */
export function withAllBelow(command: DescribedCommand): DescribedCommand[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

function describeOption({ short, long, flags, description, argChoices }: Option): DescribedOption {
  const placeholder = /[<[]([^\]>]+)[\]>]$/.exec(flags)?.[1];
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    ...(placeholder === undefined ? {} : { value: candidates(argChoices, OPTION_VALUES[placeholder]) }),
  };
}

function candidates(words: readonly string[] | undefined, kind: Candidates["kind"] = "nothing"): Candidates {
  return words !== undefined || kind === "words" ? { kind: "words", words: words ?? [] } : { kind };
}
