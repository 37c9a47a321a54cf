import { join } from "node:path";
import { completionScript } from "../completions/completion-script.ts";
import { shellWord } from "../../runtime/short-forms.ts";
import { PisyncError } from "../../runtime/failure.ts";
import type { InstallTarget } from "./install-target.ts";
import type { OwnFile } from "./own-file.ts";
import { blockPiece, filePiece, targetOf, type Piece } from "./pieces.ts";
import { dataDirectory, fishFile, SHELLS, startupFile, userShell, type ShellName } from "./user-shell.ts";

const NAME = "completions";

type Environment = Record<string, string>;

/** The script that completes pisync's command line in this shell. */
export function completionFile(shell: ShellName, env: Environment): OwnFile {
  const path =
    shell === "fish" ? fishFile("completions", env) : join(dataDirectory(env), "completions", `pisync.${shell}`);
  return { path, target: NAME, comment: "#", body: () => completionScript(shell) };
}

/** pisync's command line completed by the user's shell. */
export function completionsTarget(env: Environment): InstallTarget {
  const shell = userShell(env);
  const target = targetOf({
    name: "The completion",
    pieces: shell === undefined ? [] : piecesFor(shell, env),
    // The user may have had another shell when it was installed.
    elsewhere: SHELLS.filter((name) => name !== shell).flatMap((name) => piecesFor(name, env)),
    installed: () => Promise.resolve(`${shell} completes pisync in every terminal that is opened from now on.`),
    removed: () => Promise.resolve("The completion is gone."),
  });
  return shell === undefined ? { ...target, planInstall: () => Promise.reject(unknownShell(env)) } : target;
}

/** fish finds the file by itself; the others read it at their start. */
function piecesFor(shell: ShellName, env: Environment): Piece[] {
  const file = completionFile(shell, env);
  const script = filePiece(file, `, which completes pisync's command line in ${shell}.`);
  if (shell === "fish") return [script];
  const word = shellWord(file.path);
  return [script, blockPiece(startupFile(shell, env), { name: NAME, lines: [`[ ! -r ${word} ] || . ${word}`] })];
}

function unknownShell({ SHELL }: Environment): PisyncError {
  return new PisyncError("usage", `There is no completion for your shell, ${SHELL || "which SHELL does not name"}.`, {
    next: `There are: ${SHELLS.map((name) => `pisync completions ${name}`).join(", ")}`,
  });
}
