import { PisyncError } from "./failure.ts";
import { plainText } from "./sanitise.ts";
import { isKeyName } from "./terminal-input.ts";

/** What a key in the list of the sidebar can do. */
export type Action =
  | "open"
  | "open-here"
  | "menu"
  | "next"
  | "previous"
  | "page-down"
  | "page-up"
  | "first"
  | "last"
  | "fold"
  | "unfold"
  | "toggle-fold"
  | "next-needing"
  | "filter"
  | "search"
  | "new"
  | "mirror-right"
  | "mirror-below"
  | "rename"
  | "kill"
  | "dismiss"
  | "mute"
  | "mute-all"
  | "help"
  | "quit";

export interface Binding {
  readonly action: Action;
  /** The first is the one that help and menu show. */
  readonly keys: readonly string[];
  /** Completes "this key …"; at most 25 cells, so that help fits the usual sidebar. */
  readonly help: string;
  /** Heading in the help. */
  readonly group: "Sessions" | "Moving" | "pisync";
}

/** Every key of the list. Help, menus and the documentation are made from this table. */
export const BINDINGS: readonly Binding[] = [
  { action: "open", keys: ["enter"], group: "Sessions", help: "open, resume, run again" },
  { action: "open-here", keys: ["o"], group: "Sessions", help: "show it here as well" },
  { action: "next-needing", keys: ["tab"], group: "Sessions", help: "next one that needs me" },
  { action: "new", keys: ["n"], group: "Sessions", help: "new pi" },
  { action: "mirror-right", keys: ["m"], group: "Sessions", help: "mirror to the right" },
  { action: "mirror-below", keys: ["M"], group: "Sessions", help: "mirror below" },
  { action: "rename", keys: ["r"], group: "Sessions", help: "rename" },
  { action: "kill", keys: ["x"], group: "Sessions", help: "kill, after asking" },
  { action: "dismiss", keys: ["d"], group: "Sessions", help: "dismiss from the list" },
  { action: "mute", keys: ["u"], group: "Sessions", help: "mute or unmute it" },
  { action: "menu", keys: ["."], group: "Sessions", help: "menu (right click)" },
  { action: "next", keys: ["down", "j", "ctrl-n"], group: "Moving", help: "down" },
  { action: "previous", keys: ["up", "k", "ctrl-p"], group: "Moving", help: "up" },
  { action: "page-down", keys: ["pagedown", "ctrl-f"], group: "Moving", help: "a page down" },
  { action: "page-up", keys: ["pageup", "ctrl-b"], group: "Moving", help: "a page up" },
  { action: "first", keys: ["home", "g"], group: "Moving", help: "to the top" },
  { action: "last", keys: ["end", "G"], group: "Moving", help: "to the bottom" },
  { action: "fold", keys: ["left", "h"], group: "Moving", help: "fold the directory" },
  { action: "unfold", keys: ["right", "l"], group: "Moving", help: "unfold the directory" },
  { action: "toggle-fold", keys: ["space"], group: "Moving", help: "fold or unfold" },
  { action: "filter", keys: ["/"], group: "pisync", help: "filter as you type" },
  { action: "search", keys: ["s"], group: "pisync", help: "search all conversations" },
  { action: "mute-all", keys: ["U"], group: "pisync", help: "mute or unmute all" },
  { action: "help", keys: ["?"], group: "pisync", help: "this help" },
  { action: "quit", keys: ["q", "ctrl-c"], group: "pisync", help: "close the sidebar" },
];

/** Keys whose names are longer than what a keyboard shows. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pageup: "PgUp",
  pagedown: "PgDn",
  enter: "Enter",
  tab: "Tab",
  space: "Space",
  home: "Home",
  end: "End",
};

/** A key as help and menus show it, at most 6 cells for those of the table. */
export function keyLabel(key: string, { unicode }: { unicode: boolean }): string {
  const short = SHORT_NAMES[key] ?? key;
  return unicode || /^[ -~]*$/.test(short) ? short : key;
}

export interface Keys {
  /** The bindings as configured, without those that have no key. */
  readonly bindings: readonly Binding[];
  /** The action of a key in the list. */
  action(key: string): Action | undefined;
  /** The first key of an action, as `keyLabel` shows it. */
  label(action: Action, terminal: { unicode: boolean }): string | undefined;
}

/**
 * The table with the user's own keys: `{"kill": ["ctrl-x"]}` replaces those of one action; an empty list takes
 * them away.
 * @throws PisyncError `config-invalid` for an action or a key that does not exist, and for a key with two actions.
 */
export function configuredKeys(own: Readonly<Record<string, readonly string[]>>): Keys {
  for (const name of Object.keys(own)) {
    if (!BINDINGS.some(({ action }) => action === name)) throw unknownAction(name);
  }
  const bindings = BINDINGS.map((binding) => ({ ...binding, keys: own[binding.action] ?? binding.keys }));
  const actions = new Map<string, Action>();
  for (const { action, keys } of bindings) {
    for (const key of keys) {
      if (!isKeyName(key)) throw unknownKey(key, action);
      const other = actions.get(key);
      if (other !== undefined && other !== action) throw boundTwice(key, other, action);
      actions.set(key, action);
    }
  }
  const bound = bindings.filter(({ keys }) => keys.length > 0);
  return {
    bindings: bound,
    action: (key) => actions.get(key),
    label(action, terminal) {
      const key = bound.find((binding) => binding.action === action)?.keys[0];
      return key === undefined ? undefined : keyLabel(key, terminal);
    },
  };
}

function unknownAction(name: string): PisyncError {
  const shown = plainText(name, { maxCells: 40 });
  return new PisyncError("config-invalid", `The configuration binds keys to "${shown}", which is no action.`, {
    next: `The actions are: ${BINDINGS.map(({ action }) => action).join(", ")}.`,
    facts: { action: shown },
  });
}

function unknownKey(key: string, action: Action): PisyncError {
  const shown = plainText(key, { maxCells: 20 });
  return new PisyncError("config-invalid", `The configuration binds ${action} to "${shown}", which is no key.`, {
    next: 'Keys are called "x", "X", "enter", "pageup", "f5", with "ctrl-", "alt-" or "shift-" before that.',
    facts: { key: shown },
  });
}

function boundTwice(key: string, first: Action, second: Action): PisyncError {
  const shown = plainText(key, { maxCells: 20 });
  return new PisyncError("config-invalid", `The key ${shown} is bound to both ${first} and ${second}.`, {
    next: `Give one of them other keys in the configuration: {"keys": {"${second}": []}}`,
    facts: { key: shown },
  });
}
