import * as z from "zod";
import { BridgeSettings } from "../protocol/bridge-settings.ts";
import { PisyncError } from "./failure.ts";
import { INTERPRETED, readJsonFile } from "./json-file.ts";
import { nearest } from "./nearest.ts";
import { configFile } from "./paths.ts";
import { plainText } from "./sanitise.ts";

const FixedSize = z.strictObject({
  cols: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(500),
});

/** ctrl-i, ctrl-j and ctrl-m are Tab, Line Feed and Return: a view that takes them could not be typed into. */
const ViewKey = z.string().regex(/^ctrl-[a-hkln-z\\\]^_]$/);
const VIEW_KEY_RULE = '"ctrl-" and a small letter other than i, j and m, or one of \\ ] ^ _';

/** `config.json`; every field has a default. */
export const Config = z.strictObject({
  detachKey: ViewKey.default("ctrl-\\"),
  /** Of a view in a plain terminal; the same as `detachKey`: there is no menu. */
  menuKey: ViewKey.default("ctrl-^"),
  /** Lines above the screen that a host keeps. */
  scrollback: z.number().int().min(100).max(10_000).default(2_000),
  /** Which size mirror views share: the smallest interactive view's, the one that typed last, or a fixed one. */
  size: z.union([z.enum(["smallest", "latest"]), FixedSize]).default("smallest"),
  /** The views' terminals are called by the status and the title of the session, not as the program wants. */
  statusInTitle: z.boolean().default(false),
  /** Keys of the sidebar, by action; docs/tmux.md lists the actions. */
  keys: z.record(z.string(), z.array(z.string().min(1).max(20)).max(8)).default({}),
  /** Beside the people at attached terminals: the desktop, and a command with what happened in its environment. */
  notifications: z
    .strictObject({
      desktop: z.boolean().default(true),
      command: z.array(z.string().max(4096)).max(64).default([]),
    })
    .prefault({}),
  /** Cells of the docked sidebar. */
  sidebarWidth: z.number().int().min(20).max(100).default(32),
  /** For programs that were written for pi-session-bridge. */
  bridge: BridgeSettings.prefault({}),
});
export type Config = z.infer<typeof Config>;

/** What the schema above asks of each setting, for whoever wrote another value. */
const RULES: Readonly<Record<string, string>> = {
  detachKey: VIEW_KEY_RULE,
  menuKey: VIEW_KEY_RULE,
  scrollback: "a whole number from 100 to 10000",
  size: '"smallest", "latest" or {"cols": 1 to 1000, "rows": 1 to 500}',
  statusInTitle: "true or false",
  keys: 'an object of actions and lists of keys, for example {"kill": ["ctrl-x"]}',
  notifications: '{"desktop": true or false, "command": [words of a command]}',
  sidebarWidth: "a whole number from 20 to 100",
  bridge: "an object of settings that docs/pi-bridge.md lists, within their limits",
} satisfies Record<keyof Config, string>;

/**
 * Reads the configuration; a missing file is all defaults.
 * @throws PisyncError `config-invalid`, naming a key that is near for an unknown one.
 */
export async function loadConfig(env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const file = configFile(env);
  const value = await readJsonFile(file, z.unknown()).catch((error: unknown) => {
    if (error instanceof PisyncError) throw invalid(file, `is not valid JSON${placeIn(error.cause)}`, error);
    throw error;
  });
  const result = Config.safeParse(value === undefined ? {} : value, INTERPRETED);
  if (result.success) return result.data;
  throw invalid(file, faultOf(result.error), result.error);
}

function invalid(file: string, fault: string, cause: unknown): PisyncError {
  return new PisyncError("config-invalid", `The configuration ${file} ${fault}.`, {
    next: "Correct it or remove it; docs/cli.md lists every setting.",
    facts: { file },
    cause,
  });
}

/** Where JSON.parse stopped, as far as it says so. */
function placeIn(cause: unknown): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)$/.exec(cause instanceof Error ? cause.message : "") ?? [];
  return line === undefined ? "" : ` at line ${line}, column ${column}`;
}

function faultOf(error: z.ZodError): string {
  const issue = error.issues[0];
  const setting = String(issue?.path[0] ?? "");
  if (issue?.code === "unrecognized_keys" && setting === "") {
    const shown = plainText(issue.keys[0] ?? "", { maxCells: 60 });
    const near = nearest(shown, Object.keys(Config.shape));
    return `has the unknown key "${shown}"${near === undefined ? "" : ` (did you mean "${near}"?)`}`;
  }
  const rule = RULES[setting];
  return rule === undefined
    ? "is wrong: it must be an object with settings, for example {}"
    : `is wrong: ${setting} must be ${rule}`;
}
