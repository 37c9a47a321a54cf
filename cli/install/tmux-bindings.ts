import { IS_DOCKED } from "../../adapters/multiplexers/tmux/tmux-dock.ts";
import { shellWord } from "../../runtime/short-forms.ts";

/** What a key of pisync's does in tmux, for tmux's own list of keys. */
export interface TmuxBinding {
  readonly table: "prefix" | "root";
  readonly key: string;
  /** What a person presses. */
  readonly name: string;
  readonly note: string;
  /** The words behind `pisync`; they run in a shell, with `#{…}` of tmux in them. Or commands of tmux itself. */
  readonly does: { readonly pisync: string } | { readonly popup: string } | { readonly tmux: string };
}

/**
 * A click with Alt on the sidebar. tmux gives a click with a modifier to a pane only while that is active, and selects
 * none: so for the sidebar it is done here. Anywhere else the click does what it did.
 */
const CLICK = `if-shell -F -t = "#{${IS_DOCKED}}" { select-pane -t = } ; if-shell -F -t = "#{pane_active}" { send-keys -M }`;

/** All of these are unbound in tmux's own tables (tmux 3.3a). */
export const TMUX_BINDINGS: readonly TmuxBinding[] = [
  behindPrefix("v", "mirror this session to the right", { pisync: "mirror --right" }),
  behindPrefix("V", "mirror this session below", { pisync: "mirror --below" }),
  behindPrefix("b", "show or hide the sidebar", { pisync: "sidebar --toggle" }),
  behindPrefix("a", "go to the next session that needs me", { pisync: "next" }),
  behindPrefix("g", "choose a session in a popup", { popup: "sidebar --over '#{pane_id}'" }),
  {
    table: "root",
    key: "M-MouseDown1Pane",
    name: "Alt-click",
    note: "show a session of the sidebar here as well",
    does: { tmux: CLICK },
  },
];

function behindPrefix(key: string, note: string, does: TmuxBinding["does"]): TmuxBinding {
  return { table: "prefix", key, name: `prefix ${key}`, note, does };
}

/** What tells our keys in list-keys from the user's, whose own may run pisync as well. */
const MARK = ": by pisync install tmux;";
const MARKS = [MARK, IS_DOCKED] as const;
/** Where the key was pressed, and where a refusal is to be shown. */
const PLACE = "--pane '#{pane_id}' --client '#{client_tty}'";

/** Whose a key is, by what list-keys prints of it; nothing is printed of one that is free. Pure. */
export function ownerOf(listed: string): "ours" | "theirs" | "free" {
  if (listed === "") return "free";
  return MARKS.some((mark) => listed.includes(mark)) ? "ours" : "theirs";
}

/**
 * A file for tmux's `source-file`. A key that the user's own configuration has bound by then stays theirs.
 * @param program the words that run pisync.
 */
export function tmuxConfiguration(program: readonly string[]): string {
  return TMUX_BINDINGS.map((binding) => {
    const { table, key, note } = binding;
    const bind = `bind-key -T ${table} -N ${tmuxWord(`pisync: ${note}`)} ${key} ${commandOf(binding, program)}`;
    return `if-shell ${tmuxWord(isFree(binding))} {\n  ${bind}\n}\n`;
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

function commandOf({ does }: TmuxBinding, program: readonly string[]): string {
  if ("tmux" in does) return `{ ${does.tmux} }`;
  const run = program.map((word) => unexpanded(shellWord(word))).join(" ");
  const command =
    "pisync" in does
      ? `${run} ${does.pisync} ${PLACE}`
      : `tmux display-popup -c '#{client_tty}' -E -w 80% -h 80% ${shellWord(`${run} ${does.popup}`)}`;
  // A background job that prints or fails would throw the user's pane into copy mode (tmux facts, measured).
  return `run-shell -b ${tmuxWord(`${MARK} ${command} >/dev/null 2>&1 || true`)}`;
}

/** True when nothing is bound to the key, or one of ours. */
function isFree({ table, key }: TmuxBinding): string {
  const ours = MARKS.map((mark) => `-e '${mark}'`).join(" ");
  return `! tmux list-keys -T ${table} ${key} 2>/dev/null | grep -qvF ${ours}`;
}

/** For run-shell, which expands formats: # is doubled, but not where [ follows, which it takes for a style and leaves. */
function unexpanded(text: string): string {
  return text.replace(/#+(\[?)/g, (found, bracket) => (bracket === "" ? found + found : found));
}

/** A word of tmux's configuration language. */
function tmuxWord(text: string): string {
  return `"${text.replace(/[\\"$]/g, "\\$&")}"`;
}
