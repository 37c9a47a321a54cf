import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { socketOf } from "../adapters/multiplexers/tmux/tmux-adapter.ts";
import { runTmux } from "../adapters/multiplexers/tmux/tmux-command.ts";
import { findProgram } from "../runtime/find-program.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { Observed } from "./doctor-checks.ts";
import { describeInstalled } from "./doctor-installed.ts";
import { inspectOwnFile } from "./install/own-file.ts";
import { presentKeys } from "./install/running-tmux.ts";
import { keysFile } from "./install/tmux-target.ts";

type Environment = Record<string, string>;

const OLDEST = 3.2;
const ANSWER_MS = 10_000;
/** What comes behind the lines that are proposed stands below each other, as far as they are shorter. */
const LINE_WIDTH = 34;
const OUTSIDE = { verdict: "skipped", detail: "looked at inside tmux" } as const;

/** Whether tmux is there, and new enough. */
export async function tmux(env: Environment): Promise<Observed> {
  const file = await findProgram("tmux", env, process.cwd()).catch(() => undefined);
  if (file === undefined) {
    const next = "pisync works without it; with it, sessions open side by side.";
    return { verdict: "advice", detail: "not installed", next };
  }
  const { stdout } = await promisify(execFile)(file, ["-V"], { env, timeout: ANSWER_MS });
  const version = plainText(stdout);
  // One that is built from its repository has no number.
  if (Number(/\d+\.\d+/.exec(version)?.[0] ?? OLDEST) < OLDEST) {
    return { verdict: "advice", detail: version, next: `Update tmux to ${OLDEST} or newer: popups and more need it.` };
  }
  return { verdict: "ok", detail: version };
}

/** What of the running server's settings makes pi or the sidebar worse to use, with the lines that mend it. */
export async function tmuxSettings(env: Environment): Promise<Observed> {
  const socket = socketOf(env);
  if (socket === undefined) return OUTSIDE;
  const options = await runTmux(socket, ["show-options", "-s", ";", "show-options", "-g"]);
  const clients = await runTmux(socket, ["list-clients", "-F", "#{client_termname} #{client_termfeatures}"]);
  const lines = [...settingLines(options), ...colourLines(clients, options)];
  if (lines.length === 0) return { verdict: "ok", detail: "as pi and the sidebar need them" };
  const next = ["Add to your tmux.conf, and start tmux anew:", ...lines].join("\n");
  return { verdict: "advice", detail: `${lines.length} that could be better`, next };
}

/** Whether pisync's keys are installed, and bound here. */
export async function tmuxKeys(env: Environment): Promise<Observed> {
  const file = keysFile(env);
  const found = await inspectOwnFile(file);
  const observed = describeInstalled(file, found, "prefix v, V, b, a, g and Alt-click are as tmux has them");
  if (socketOf(env) === undefined) return observed;
  const present = await presentKeys(env);
  if (found.state === "absent" && present?.some(({ owner }) => owner === "ours")) {
    const next = "Take them away with: pisync uninstall tmux";
    return { verdict: "advice", detail: "not installed any more, but bound in this tmux", next };
  }
  if (found.state !== "current") return observed;
  if (present === undefined || present.some(({ owner }) => owner === "free")) {
    const next = `Load them with: tmux source-file ${plainText(file.path)}`;
    return { verdict: "advice", detail: "installed, but not all of them are bound in this tmux", next };
  }
  const theirs = present.filter(({ owner }) => owner === "theirs").map(({ binding }) => binding.name);
  return theirs.length === 0 ? observed : { ...observed, detail: `${observed.detail}; yours: ${theirs.join(", ")}` };
}

/** What is wrong by value, and what is so with the line; an option that this tmux does not have is not wrong. */
const SETTINGS: readonly { option: string; isBad: (value: string) => boolean; line: string; effect: string }[] = [
  {
    option: "escape-time",
    isBad: (value) => Number(value) > 100,
    line: "set -sg escape-time 10",
    effect: "Esc arrives at once",
  },
  {
    option: "extended-keys",
    isBad: (value) => value === "off",
    line: "set -s extended-keys on",
    effect: "Shift-Enter is told from Enter",
  },
  {
    option: "extended-keys-format",
    isBad: (value) => value !== "csi-u",
    line: "set -s extended-keys-format csi-u",
    effect: "pi knows more keys",
  },
  {
    option: "mouse",
    isBad: (value) => value === "off",
    line: "set -g mouse on",
    effect: "clicks and the wheel always reach the sidebar",
  },
  {
    option: "focus-events",
    isBad: (value) => value === "off",
    line: "set -g focus-events on",
    effect: "programs can tell whether you look at them",
  },
];

/** Pure: the lines that are missing, by what show-options printed. */
export function settingLines(options: string): string[] {
  const values = new Map(options.split("\n").map((line) => splitOnce(line)));
  return SETTINGS.flatMap(({ option, isBad, line, effect }) => {
    const value = values.get(option);
    return value !== undefined && isBad(value) ? [commented(line, effect)] : [];
  });
}

/**
 * Pure: the lines for terminals whose direct colour tmux does not know of. It does by a feature that it found, or by an
 * override of the user's; what says neither is an older tmux.
 */
export function colourLines(clients: string, options: string): string[] {
  const overrides = [...options.matchAll(/^terminal-overrides\[\d+\] "?([^":]*):[^"]*\b(?:Tc|RGB)\b/gm)];
  const lines = clients.split("\n").flatMap((client) => {
    const [name, features] = splitOnce(client);
    if (!/^[\w.+-]+$/.test(name) || features === "" || features.split(",").includes("RGB")) return [];
    if (overrides.some(([, pattern = ""]) => matches(name, pattern))) return [];
    return [commented(`set -as terminal-features ",${name}:RGB"`, "more than 256 colours, if that terminal has them")];
  });
  return [...new Set(lines)];
}

/** A line of a configuration that says what it is for. */
function commented(line: string, effect: string): string {
  return `${line.padEnd(LINE_WIDTH)}  # ${effect}`;
}

function matches(name: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*").replaceAll("?", ".")}$`).test(name);
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(" ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}
