import { basename, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type ShellName = (typeof SHELLS)[number];

/** The shell that the user's terminals run; undefined when it is none that pisync knows. */
export function userShell({ SHELL = "" }: Environment): ShellName | undefined {
  const name = basename(SHELL);
  return SHELLS.find((shell) => shell === name);
}

/** What an interactive bash or zsh reads at its start. */
export function startupFile(shell: "bash" | "zsh", env: Environment): string {
  return shell === "bash" ? join(homeOf(env), ".bashrc") : join(env["ZDOTDIR"] || homeOf(env), ".zshrc");
}

/** A file that fish reads by itself: `conf.d` at its start, `completions` when the command is completed. */
export function fishFile(folder: "conf.d" | "completions", env: Environment): string {
  return join(env["XDG_CONFIG_HOME"] || join(homeOf(env), ".config"), "fish", folder, "pisync.fish");
}

/** Where pisync keeps what other programs read: `${XDG_DATA_HOME:-~/.local/share}/pisync`. */
export function dataDirectory(env: Environment): string {
  return join(env["XDG_DATA_HOME"] || join(homeOf(env), ".local", "share"), "pisync");
}

/** A word for fish, which takes a backslash before these two also between quotes. */
export function fishWord(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function homeOf(env: Environment): string {
  return env["HOME"] || "/";
}
