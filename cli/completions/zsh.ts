import { shellWord } from "../../runtime/short-forms.ts";
import { withAllBelow, type Candidates, type DescribedCommand } from "./described-command.ts";

/** To be sourced, or to lie in fpath as _pisync. Titles only go into arrays that compadd shows as they are. */
export function zshCompletion(program: DescribedCommand): string {
  return `#compdef pisync
# zsh completion for pisync, made by: pisync completions zsh

_pisync_sessions() {
  local id title
  local -a ids shown
  while IFS=$'\\t' read -r id title; do
    [[ -z $id || $id == *[^a-z0-9]* ]] && continue
    ids+=("$id") shown+=("$id  $title")
  done < <(command pisync complete "$1" 2>/dev/null)
  compadd -l -d shown -a ids
}

${withAllBelow(program).toReversed().map(functionOf).join("\n\n")}

if (( ! $+functions[compdef] )); then
  autoload -Uz compinit && compinit -i -D
fi
compdef _pisync pisync
# Loaded from fpath, this file is the function itself at first.
if [[ $funcstack[1] == _pisync ]]; then _pisync "$@"; fi
`;
}

function functionOf(command: DescribedCommand): string {
  const { path, options, commands } = command;
  const specs = [
    ...options.flatMap(({ flags, description, value }) => {
      const text = `[${escaped(description)}]${value === undefined ? "" : `:value:${action(value, path)}`}`;
      const exclusive = flags.length > 1 ? `(${flags.join(" ")})` : "";
      return flags.map((flag) => exclusive + flag + text);
    }),
    ...argumentSpecs(command),
  ];
  const listed = specs.map((spec) => ` \\\n    ${shellWord(spec)}`).join("");
  return `${nameOf(path)}() {
  local curcontext=$curcontext state line
  _arguments -C${listed}${commands.length > 0 ? `\n${below(commands)}` : ""}
}`;
}

function argumentSpecs({ path, commands, argument, passesThrough }: DescribedCommand): string[] {
  if (commands.length > 0) return ["1:command:->commands", "*::arguments:->arguments"];
  if (!passesThrough) return [`1:argument:${action(argument, path)}`, "*:argument: "];
  return argument.kind === "program" ? ["*::arguments:_normal"] : [`*:argument:${action(argument, path)}`];
}

function below(commands: readonly DescribedCommand[]): string {
  const described = commands.map(({ names: [name], description }) =>
    shellWord(`${name}:${description.replace(/[\\:]/g, "\\$&")}`),
  );
  const cases = commands.map(({ names, path }) => `        ${names.join(" | ")}) ${nameOf(path)} ;;`);
  return `  case $state in
    commands)
      local -a commands=(${described.map((each) => `\n        ${each}`).join("")}
      )
      _describe command commands
      ;;
    arguments)
      case $words[1] in
${cases.join("\n")}
      esac
      ;;
  esac`;
}

function action(candidates: Candidates, path: string): string {
  switch (candidates.kind) {
    case "words":
      return `(${candidates.words.join(" ")})`;
    case "session":
      return `{_pisync_sessions ${path}}`;
    case "directory":
      return "_directories";
    case "file":
      return "_files";
    case "program":
      return "_command_names -e";
    case "nothing":
      return " ";
  }
}

function nameOf(path: string): string {
  return ["_pisync", ...path.split(" ")].filter((word) => word !== "").join("_");
}

/** Where a colon or a bracket would end the description. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}
