import { fishWord } from "../install/user-shell.ts";
import { withAllBelow, type Candidates, type DescribedCommand } from "./described-command.ts";

/** fish takes what a command prints line by line, with the description behind a tab, and expands none of it. */
export function fishCompletion(program: DescribedCommand): string {
  const lines = withAllBelow(program).flatMap((command) => [
    ...command.commands.map((below) => {
      return line(command, [`-a ${fishWord(below.names.join(" "))}`, `-d ${fishWord(below.description)}`], {
        first: true,
      });
    }),
    ...command.options.map(({ flags, description, value }) => {
      const named = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
      const words = [
        ...named,
        ...(value === undefined ? [] : valueWords(value, command)),
        `-d ${fishWord(description)}`,
      ];
      return line(command, words, { first: command.path === "" });
    }),
    ...argumentLines(command),
  ]);
  return `# fish completion for pisync, made by: pisync completions fish

# Whether the words before the cursor are this command; with --first, and nothing behind it.
function __pisync_is
    argparse first -- $argv
    set -l words (commandline -opc)
    set -e words[1]
    set -q _flag_first; and test (count $words) -ne (count $argv); and return 1
    test (count $argv) -eq 0; and return 0
    for index in (seq (count $argv))
        contains -- "$words[$index]" (string split '|' -- $argv[$index]); or return 1
    end
end

complete -c pisync -f
${lines.join("\n")}
`;
}

function argumentLines(command: DescribedCommand): string[] {
  const { argument, passesThrough, commands } = command;
  if (commands.length > 0 || argument.kind === "nothing") return [];
  const first = line(command, argumentWords(argument, command), { first: true });
  return passesThrough ? [first, line(command, ["-F"])] : [first];
}

/** -x: a value, and no file. */
function valueWords(value: Candidates, command: DescribedCommand): string[] {
  if (value.kind === "file") return ["-r", "-F"];
  return value.kind === "nothing" ? ["-x"] : ["-x", ...argumentWords(value, command)];
}

function argumentWords(candidates: Candidates, { path }: DescribedCommand): string[] {
  switch (candidates.kind) {
    case "words":
      return [`-a ${fishWord(candidates.words.join(" "))}`];
    case "session":
      return [`-a ${fishWord(`(command pisync complete ${path} 2>/dev/null)`)}`];
    case "directory":
      return [`-a ${fishWord("(__fish_complete_directories)")}`];
    case "program":
      return [`-a ${fishWord("(__fish_complete_command)")}`];
    case "file":
      return ["-F"];
    case "nothing":
      return [];
  }
}

function line({ path, names }: DescribedCommand, words: readonly string[], { first = false } = {}): string {
  const before = path.split(" ").slice(0, -1);
  const own = path === "" ? [] : [...before, names.join("|")];
  const condition = ["__pisync_is", ...(first ? ["--first"] : []), ...own.map((each) => fishWord(each))].join(" ");
  return ["complete -c pisync", `-n ${fishWord(condition)}`, ...words].join(" ");
}
