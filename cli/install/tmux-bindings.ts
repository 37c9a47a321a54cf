import { shellWord } from "../../runtime/short-forms.ts";

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

/** Begins what our keys run, so that list-keys tells them from the user's, whose own may run pisync as well. */
const MARK = ": by pisync install tmux;";
/** Where the key was pressed, and where a refusal is to be shown. */
const PLACE = "--pane '#{pane_id}' --client '#{client_tty}'";

/** Whether a line of tmux's list-keys is a binding of ours. */
export function isOurs(listed: string): boolean {
  return listed.includes(MARK);
}

/**
 * A file for tmux's `source-file`. A key that the user's own configuration has bound by then stays theirs.
 * @param program the words that run pisync.
 */
export function tmuxConfiguration(program: readonly string[]): string {
  return TMUX_BINDINGS.map((binding) => {
    const { key, note } = binding;
    // A background job that prints or fails would throw the user's pane into copy mode (tmux facts, measured).
    const command = `${MARK} ${shellCommand(binding, program)} >/dev/null 2>&1 || true`;
    const bind = `bind-key -N ${tmuxWord(`pisync: ${note}`)} ${key} run-shell -b ${tmuxWord(command)}`;
    return `if-shell ${tmuxWord(isFree(key))} {\n  ${bind}\n}\n`;
  }).join("");
}

/** The line that reads such a file; tmux takes its name for a pattern. */
export function sourcing(path: string): string {
  return `source-file -q ${tmuxWord(asPattern(path))}`;
}

/** A pattern that only this path matches (glob(7)). */
export function asPattern(path: string): string {
  return path.replace(/[\\*?[\]]/g, "\\$&");
}

function shellCommand({ command, popup }: TmuxBinding, program: readonly string[]): string {
  const run = program.map((word) => unexpanded(shellWord(word))).join(" ");
  if (!popup) return `${run} ${command} ${PLACE}`;
  return `tmux display-popup -c '#{client_tty}' -E -w 80% -h 80% ${shellWord(`${run} ${command}`)}`;
}

/** True when nothing is bound to the key, or one of ours. */
function isFree(key: string): string {
  return `! tmux list-keys -T prefix ${key} 2>/dev/null | grep -qvF '${MARK}'`;
}

/** For run-shell, which expands formats: # is doubled, but not where [ follows, which it takes for a style and leaves. */
function unexpanded(text: string): string {
  return text.replace(/#+(\[?)/g, (found, bracket) => (bracket === "" ? found + found : found));
}

/** A word of tmux's configuration language. */
function tmuxWord(text: string): string {
  return `"${text.replace(/[\\"$]/g, "\\$&")}"`;
}
