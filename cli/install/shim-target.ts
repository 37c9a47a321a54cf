import { dirname, join } from "node:path";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { shellWord } from "../../runtime/short-forms.ts";
import { programPath } from "../../runtime/version.ts";
import type { InstallTarget } from "./install-target.ts";
import type { OwnFile } from "./own-file.ts";
import { blockPiece, filePiece, targetOf, type Piece } from "./pieces.ts";
import { dataDirectory, fishFile, fishWord, SHELLS, startupFile, userShell } from "./user-shell.ts";

const NAME = "shim";

/** The script called `pi`, alone in its directory. */
export function shimScript(env: Record<string, string>): OwnFile {
  return {
    path: join(dataDirectory(env), "bin", "pi"),
    target: NAME,
    comment: "#",
    head: "#!/bin/sh\n",
    mode: 0o755,
    body: () => shimBody(process.execPath, programPath("pisync")),
  };
}

/** A `pi` that comes first on PATH: what is typed as `pi` on a terminal becomes a session of pisync's. */
export function shimTarget(env: Record<string, string>): InstallTarget {
  const script = shimScript(env);
  const directory = dirname(script.path);
  if (/[:\n]/.test(directory)) throw notOnPath(directory);
  const shell = userShell(env);
  const inPath: Record<(typeof SHELLS)[number], Piece> = {
    bash: blockPiece(startupFile("bash", env), { name: NAME, lines: [firstOnPath(directory)] }),
    zsh: blockPiece(startupFile("zsh", env), { name: NAME, lines: [firstOnPath(directory)] }),
    fish: filePiece(fishStartup(directory, env), ", which puts the shim first on PATH."),
  };
  const line = `export PATH=${shellWord(directory)}:"$PATH"`;
  return targetOf({
    name: "The shim",
    pieces: [
      filePiece(script, ": a pi that runs pisync pi on a terminal, and the real pi everywhere else."),
      ...(shell === undefined ? [] : [inPath[shell]]),
    ],
    // The user may have had another shell when it was installed.
    elsewhere: SHELLS.filter((name) => name !== shell).map((name) => inPath[name]),
    about: () =>
      Promise.resolve(
        shell === undefined ? ["Add to what your shell reads at its start:", `  ${plainText(line)}`] : [],
      ),
    installed: () => Promise.resolve("pi is pisync pi in every terminal that is opened from now on."),
    removed: () => Promise.resolve("pi is the real pi again; in a terminal that is open already after: hash -r"),
  });
}

/** For bash and zsh: first, also where it is on PATH already but behind the real pi. */
function firstOnPath(directory: string): string {
  const word = shellWord(directory);
  return `case $PATH in ${word}:*) ;; *) export PATH=${word}:"$PATH" ;; esac`;
}

function fishStartup(directory: string, env: Record<string, string>): OwnFile {
  const word = fishWord(directory);
  return {
    path: fishFile("conf.d", env),
    target: NAME,
    comment: "#",
    body: () => `test "$PATH[1]" = ${word}; or set -gx PATH ${word} $PATH\n`,
  };
}

/**
 * Leaves its own directory out of PATH, however often and by whatever name it is there, so that everything behind finds
 * the real pi. Inside a session pi is there already; without a terminal on both sides it only prints; and without pisync
 * or its Node it is there all the same. Behind `run --` no word is an option of pisync's; `pi` alone is quicker.
 */
function shimBody(node: string, pisync: string): string {
  return `node=${shellWord(node)}
pisync=${shellWord(pisync)}

rest=$PATH:
kept=
while [ -n "$rest" ]; do
  each=\${rest%%:*}
  rest=\${rest#*:}
  [ "\${each:-.}/pi" -ef "$0" ] || kept=$kept:$each
done
PATH=\${kept#:}

if [ -z "$kept" ] || ! command -v pi >/dev/null; then
  printf '%s\\n' "pisync: There is no pi on your PATH but the shim $0." >&2
  printf '%s\\n' "  Install it with: npm install -g @earendil-works/pi-coding-agent" >&2
  exit 127
fi
if [ -n "$PISYNC_SESSION" ] || ! [ -t 0 ] || ! [ -t 1 ] || ! [ -x "$node" ] || ! [ -f "$pisync" ]; then
  exec pi "$@"
fi
case \${1-} in
  -*) exec "$node" "$pisync" run -- pi "$@" ;;
  *) exec "$node" "$pisync" pi "$@" ;;
esac
`;
}

function notOnPath(directory: string): PisyncError {
  return new PisyncError("usage", `${plainText(directory)} cannot be on PATH: its name has a colon or a line feed.`, {
    next: "Set XDG_DATA_HOME to another directory.",
  });
}
