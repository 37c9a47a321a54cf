import { completionScript } from "../completions/completion-script.ts";
import type { ShellName } from "../install/user-shell.ts";
import { EXIT } from "../output.ts";

/** Prints the script with which a shell completes pisync's command line. */
export function completions(shell: ShellName): number {
  process.stdout.write(completionScript(shell));
  return EXIT.done;
}
