import type { ShellName } from "../install/user-shell.ts";
import { buildProgram } from "../program.ts";
import { bashCompletion } from "./bash.ts";
import { describe } from "./described-command.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** The script with which this shell completes pisync's command line. */
export function completionScript(shell: ShellName): string {
  return SCRIPTS[shell](describe(buildProgram(() => {})));
}
