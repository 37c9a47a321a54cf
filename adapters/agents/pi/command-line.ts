import { basename } from "node:path/posix";

/** Where pi is in a command line. */
export interface RecognisedPi {
  /** The word that names pi: a program, a package, a flake installable or a script. */
  programIndex: number;
  /** Where pi's own arguments begin; `argv.length` when there are none. */
  argsIndex: number;
  /**
   * A word to put before pi's first argument, because the wrapper would read options itself: `--` for
   * `nix run nixpkgs#pi` and `npm exec pi`. Absent when the user wrote it already or none is needed.
   */
  separator?: string;
}

/** How a program that starts other programs reads its own words. */
interface Wrapper {
  /** The word after the wrapper's name must be one of these, e.g. `exec`. */
  verbs?: readonly string[];
  /** Options whose value is in the following words, and how many words it takes. */
  valued?: Readonly<Record<string, number>>;
  /** Options after which the wrapper runs no command we can see, e.g. `node --eval`. */
  opaque?: readonly string[];
  /** The command begins only after one of these words. */
  marker?: readonly string[];
  /** `NAME=value` words come before the command. */
  assignments?: true;
  /** Words before the command that are not options, e.g. direnv's directory. */
  operands?: number;
  /** What names pi here; a `program` may itself be a wrapper. */
  names: "program" | "package" | "installable" | "script";
  /** The wrapper goes on reading options behind the command until it meets `--`. */
  readsOn?: true;
}

const PACKAGE = /^@(?:earendil-works|mariozechner)\/pi-coding-agent(?:@[^/]*)?$/;
const INSTALLABLE = /[#/.]pi(?:-coding-agent)?$/;
const SCRIPT = /(?:^|\/)pi-coding-agent\/dist\/(?:bundle\/)?cli\.js$/;

const NODE: Wrapper = {
  valued: { "-r": 1, "--require": 1, "--import": 1, "--loader": 1, "--experimental-loader": 1, "-C": 1 },
  opaque: ["-e", "--eval", "-p", "--print", "-c", "--check", "-i", "--interactive"],
  names: "script",
};
const NPX: Wrapper = { valued: { "-p": 1, "--package": 1 }, opaque: ["-c", "--call"], names: "package" };
const NIX_VALUED = {
  "-I": 1,
  "--include": 1,
  "--option": 2,
  "--override-input": 2,
  "--inputs-from": 1,
  "--arg": 2,
  "--argstr": 2,
};

/** The wrappers pisync sees through, by the name of the program; several entries differ by their verb. */
const WRAPPERS: Readonly<Record<string, readonly Wrapper[]>> = {
  env: [
    {
      valued: { "-u": 1, "--unset": 1, "-C": 1, "--chdir": 1 },
      opaque: ["-S", "--split-string"],
      assignments: true,
      names: "program",
    },
  ],
  nice: [{ valued: { "-n": 1, "--adjustment": 1 }, names: "program" }],
  nohup: [{ names: "program" }],
  time: [{ valued: { "-f": 1, "--format": 1, "-o": 1, "--output": 1 }, names: "program" }],
  stdbuf: [{ valued: { "-i": 1, "-o": 1, "-e": 1, "--input": 1, "--output": 1, "--error": 1 }, names: "program" }],
  command: [{ opaque: ["-v", "-V"], names: "program" }],
  exec: [{ valued: { "-a": 1 }, names: "program" }],
  mise: [{ verbs: ["exec", "x"], marker: ["--"], names: "program" }],
  direnv: [{ verbs: ["exec"], operands: 1, names: "program" }],
  asdf: [{ verbs: ["exec"], names: "program" }],
  volta: [
    { verbs: ["run"], valued: { "--node": 1, "--npm": 1, "--pnpm": 1, "--yarn": 1, "--env": 1 }, names: "program" },
  ],
  npx: [NPX],
  bunx: [NPX],
  npm: [{ ...NPX, verbs: ["exec", "x"], readsOn: true }],
  pnpm: [
    { ...NPX, verbs: ["dlx"] },
    { verbs: ["exec"], opaque: ["-c", "--shell-mode"], names: "program" },
  ],
  yarn: [
    { ...NPX, verbs: ["dlx"] },
    { verbs: ["exec"], names: "program" },
  ],
  bun: [{ ...NPX, verbs: ["x"] }, { verbs: ["run"], names: "script" }, NODE],
  node: [NODE],
  tsx: [NODE],
  nix: [
    { verbs: ["run"], valued: NIX_VALUED, opaque: ["-f", "--file", "--expr"], names: "installable", readsOn: true },
    { verbs: ["shell", "develop"], marker: ["-c", "--command"], names: "program" },
  ],
};

/**
 * Finds pi in a command line, through the wrappers people start it with. Pure: looks at the words only.
 *
 * `override` is the user's word (PISYNC_ADAPTER): true makes an unknown command pi, with its arguments right
 * behind argv[0]; false makes nothing pi.
 */
export function recognisePi(argv: readonly string[], options: { override?: boolean } = {}): RecognisedPi | undefined {
  if (options.override === false) return undefined;
  const found = recogniseProgram(argv, 0);
  if (found) return found;
  return options.override === true && argv.length > 0 ? { programIndex: 0, argsIndex: 1 } : undefined;
}

/**
 * The environment pi gets behind its wrappers: `env A=1 pi` adds A. Undefined when a wrapper changes it in a
 * way that cannot be read off the command line (`env -i`, `env -C DIR`, direnv, mise, a nix shell), so that
 * nothing is assumed about where pi looks.
 */
export function environmentBehind(
  argv: readonly string[],
  pi: RecognisedPi,
  env: Record<string, string>,
): Record<string, string> | undefined {
  const wrapping = argv.slice(0, pi.programIndex);
  const names = wrapping.map((word) => basename(word));
  if (["direnv", "mise", "nix"].some((name) => names.includes(name))) return undefined;
  const at = names.indexOf("env");
  if (at === -1) return env;
  const behind = { ...env };
  for (const word of wrapping.slice(at + 1)) {
    if (word.startsWith("-") && word !== "--") return undefined;
    const equals = word.indexOf("=");
    if (equals > 0) behind[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return behind;
}

function recogniseProgram(argv: readonly string[], at: number): RecognisedPi | undefined {
  const word = argv[at];
  if (word === undefined) return undefined;
  if (isPiProgram(word)) return { programIndex: at, argsIndex: at + 1 };
  for (const wrapper of WRAPPERS[basename(word)] ?? []) {
    const start = wrapper.verbs ? at + 2 : at + 1;
    if (wrapper.verbs && !wrapper.verbs.includes(argv[at + 1] ?? "")) continue;
    const found = recogniseWrapped(argv, start, wrapper);
    if (found) return found;
  }
  return undefined;
}

function recogniseWrapped(argv: readonly string[], start: number, wrapper: Wrapper): RecognisedPi | undefined {
  const command = commandIndex(argv, start, wrapper);
  if (command === undefined) return undefined;
  const word = argv[command.at];
  if (word === undefined) return undefined;
  if (wrapper.names === "program") return recogniseProgram(argv, command.at);
  if (!namesPi(word, wrapper.names)) return undefined;
  const argsIndex = command.at + 1;
  if (wrapper.readsOn !== true || command.separated) return { programIndex: command.at, argsIndex };
  return behindSeparator(argv, command.at);
}

/** Skips the wrapper's own words; `separated` says that `--` stood before the command. */
function commandIndex(
  argv: readonly string[],
  start: number,
  wrapper: Wrapper,
): { at: number; separated: boolean } | undefined {
  if (wrapper.marker) {
    const marker = argv.findIndex((word, index) => index >= start && wrapper.marker?.includes(word));
    return marker === -1 ? undefined : { at: marker + 1, separated: true };
  }
  let operands = wrapper.operands ?? 0;
  let separated = false;
  let at = start;
  for (let word = argv[at]; word !== undefined; word = argv[at]) {
    if (word === "--" && !separated) separated = true;
    else if (!separated && word.startsWith("-") && wrapper.opaque?.includes(word.split("=", 1)[0] ?? word))
      return undefined;
    else if (!separated && word.startsWith("-")) at += wrapper.valued?.[word] ?? 0;
    else if (operands > 0) operands -= 1;
    else if (!wrapper.assignments || !/^[A-Za-z_]\w*=/.test(word)) break;
    at += 1;
  }
  return { at, separated };
}

/** For wrappers that read options behind the command: pi's arguments are what follows `--`. */
function behindSeparator(argv: readonly string[], programIndex: number): RecognisedPi {
  const separator = argv.indexOf("--", programIndex + 1);
  if (separator !== -1) return { programIndex, argsIndex: separator + 1 };
  const firstOperand = argv.findIndex((word, index) => index > programIndex && !word.startsWith("-"));
  return { programIndex, argsIndex: firstOperand === -1 ? argv.length : firstOperand, separator: "--" };
}

function isPiProgram(word: string): boolean {
  const name = basename(word);
  return name === "pi" || name === "pi-coding-agent" || SCRIPT.test(word);
}

function namesPi(word: string, names: Exclude<Wrapper["names"], "program">): boolean {
  switch (names) {
    case "package":
      return PACKAGE.test(word) || (!word.startsWith("@") && isPiProgram(word));
    case "installable":
      return INSTALLABLE.test(word);
    case "script":
      return isPiProgram(word);
  }
}
