/** What a key does behind the prefix, for tmux's own list of keys. */
export interface TmuxBinding {
  readonly key: string;
  readonly note: string;
  /** The words behind `pisync`. They run in a shell, with `#{…}` of tmux in them. */
  readonly command: string;
  /** Shown in a popup over the window instead of in the background. */
  readonly popup?: true;
}

/** All of these are unbound in tmux's own table (tmux 3.3a). */
export const TMUX_BINDINGS: readonly TmuxBinding[] = [
  { key: "v", note: "mirror this session to the right", command: "mirror --right" },
  { key: "V", note: "mirror this session below", command: "mirror --below" },
  { key: "b", note: "show or hide the sidebar", command: "sidebar --toggle" },
  { key: "a", note: "go to the next session that needs me", command: "next" },
  { key: "g", note: "choose a session in a popup", command: "sidebar --over '#{pane_id}'", popup: true },
];

/** Where the key was pressed, and where a refusal is to be shown. */
const PLACE = "--pane '#{pane_id}' --client '#{client_tty}'";

/**
 * A file for tmux's `source-file`. A key that the user's own configuration has bound by then stays theirs.
 * @param program the words that run pisync.
 */
export function tmuxConfiguration(program: readonly string[]): string {
  const run = program.map(shellWord).join(" ");
  const lines = TMUX_BINDINGS.map((binding) => {
    const command = tmuxWord(`${shellCommand(binding, run)} >/dev/null 2>&1 || true`);
    const bind = `bind-key -N ${tmuxWord(`pisync: ${binding.note}`)} ${binding.key} run-shell -b ${command}`;
    return [`if-shell ${tmuxWord(isTheirs(binding.key))} {}  {`, `  ${bind}`, "}"].join("\n");
  });
  return ["# Written by: pisync install tmux", ...lines, ""].join("\n");
}

/** Takes our keys from a running server, and no others. */
export function releasing(key: string): string[] {
  return ["if-shell", `tmux list-keys -T prefix ${key} 2>/dev/null | grep -q pisync`, `unbind-key -T prefix ${key}`];
}

function shellCommand({ command, popup }: TmuxBinding, run: string): string {
  if (!popup) return `${run} ${command} ${PLACE}`;
  return `tmux display-popup -c '#{client_tty}' -E -w 80% -h 80% "${run} ${command}"`;
}

/** True when something is bound to the key, and not by us. */
function isTheirs(key: string): string {
  return `tmux list-keys -T prefix ${key} 2>/dev/null | grep -qv pisync`;
}

/** For a shell, and through tmux, which expands # in what it gives to one. */
function shellWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''").replaceAll("#", "##")}'`;
}

/** A word of tmux's configuration language. */
function tmuxWord(text: string): string {
  return `"${text.replace(/[\\"$]/g, "\\$&")}"`;
}
