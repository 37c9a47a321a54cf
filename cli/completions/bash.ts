import { withAllBelow, type Candidates, type DescribedCommand } from "./described-command.ts";

/**
 * For bash from 3.2 (macOS) on. What pisync prints of sessions is never expanded: `read` and an array take it as it is,
 * and compgen -W, which would run it, gets only words of this file.
 */
export function bashCompletion(program: DescribedCommand): string {
  const commands = withAllBelow(program);
  return `# bash completion for pisync, made by: pisync completions bash

_pisync() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  # --cwd=DIRECTORY comes as three words.
  if [[ $word == = ]]; then word=; fi
  if [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  local path= arguments=0 index kind words
  for ((index = 1; index < COMP_CWORD; index++)); do
    _pisync_value "$path \${COMP_WORDS[index]}"
    if [[ -n $kind ]]; then
      if [[ \${COMP_WORDS[++index]} == = ]]; then ((index++)); fi
    elif [[ \${COMP_WORDS[index]} != -* ]]; then
      _pisync_command "$path \${COMP_WORDS[index]}" || ((arguments++))
    fi
  done
  COMPREPLY=()
  _pisync_value "$path $previous"
  if [[ -z $kind ]]; then
    local flags= rest=nothing
    _pisync_about
    if ((arguments > 0)); then kind=$rest; fi
    if [[ $word == -* && ($arguments == 0 || $rest == nothing) ]]; then kind=words words=$flags; fi
  fi
  compopt +o default 2>/dev/null
  case $kind in
    session) _pisync_sessions ;;
    directory) compopt -o dirnames 2>/dev/null ;;
    file) compopt -o default 2>/dev/null ;;
    program) while IFS= read -r index; do COMPREPLY+=("$index"); done < <(compgen -c -- "$word") ;;
    words) while IFS= read -r index; do COMPREPLY+=("$index"); done < <(compgen -W "$words" -- "$word") ;;
  esac
}

# Sets kind to what follows the option, if it takes a value.
_pisync_value() {
  kind=
  case $1 in
${commands.flatMap(valueCases).join("\n")}
  esac
}

# Sets path to the command that the word leads to.
_pisync_command() {
  case $1 in
${commands.flatMap(commandCases).join("\n")}
    *) return 1 ;;
  esac
}

# Sets flags to the options of the command, kind to what its first argument is, and rest to what the others are.
_pisync_about() {
  case $path in
${commands.map(aboutCase).join("\n")}
  esac
}

# Ids; where they are only shown, with their titles.
_pisync_sessions() {
  local id title shown=()
  while IFS=$'\\t' read -r id title; do
    case $id in '' | *[!a-z0-9]*) continue ;; esac
    case $id in "$word"*) COMPREPLY+=("$id") shown+=("$id  $title") ;; esac
  done < <(command pisync complete "$path" 2>/dev/null)
  case $COMP_TYPE in
    9 | 33 | 63 | 64) if ((\${#COMPREPLY[@]} > 1)); then COMPREPLY=("\${shown[@]}"); fi ;;
  esac
}

complete -o default -F _pisync pisync
`;
}

function valueCases({ path, options }: DescribedCommand): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const patterns = flags.map((flag) => `"${path} ${flag}"`).join(" | ");
    return [`    ${patterns}) ${setting(value)} ;;`];
  });
}

function commandCases({ path, commands }: DescribedCommand): string[] {
  return commands.map((command) => {
    const patterns = command.names.map((name) => `"${path} ${name}"`).join(" | ");
    return `    ${patterns}) path="${command.path}" ;;`;
  });
}

function aboutCase({ path, options, commands, argument, passesThrough }: DescribedCommand): string {
  const flags = options.flatMap((option) => option.flags).join(" ");
  const names = commands.flatMap((command) => command.names.slice(0, 1));
  const first = setting(commands.length > 0 ? { kind: "words", words: names } : argument);
  return `    "${path}") flags="${flags}" ${first}${passesThrough ? " rest=file" : ""} ;;`;
}

function setting(candidates: Candidates): string {
  return candidates.kind === "words" ? `kind=words words="${candidates.words.join(" ")}"` : `kind=${candidates.kind}`;
}
