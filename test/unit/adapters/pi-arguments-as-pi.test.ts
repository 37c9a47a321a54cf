import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { readPiArguments } from "../../../adapters/agents/pi/arguments.ts";

/** What pi 0.87.1's own parser answers, as far as it is compared. */
interface PisAnswer {
  session?: string;
  sessionId?: string;
  fork?: string;
  sessionDir?: string;
  name?: string;
  continue?: boolean;
  resume?: boolean;
  noSession?: boolean;
  print?: boolean;
  help?: boolean;
  version?: boolean;
}

const parser = join(import.meta.dirname, "../../../node_modules/@earendil-works/pi-coding-agent/dist/cli/args.js");

const WORDS = [
  ...["-c", "--continue", "-r", "--resume", "--session", "--session-id", "--session-dir", "--fork", "--no-session"],
  ...[
    "-p",
    "--print",
    "-h",
    "--help",
    "-v",
    "--version",
    "--mode",
    "json",
    "--export",
    "--list-models",
    "-n",
    "--name",
  ],
  ...["--model", "--models", "-e", "-xt", "-t", "-nt", "-ne", "--theme", "--use-theme", "--tui-mode", "regular", "-a"],
  ...["--thinking", "high", "--unknown", "--unknown=x", "-z", "--", "---", "---x", "-", "@file", "hello", "a b", ""],
  ...[
    "--system-prompt",
    "--append-system-prompt",
    "--skill",
    "--prompt-template",
    "--api-key",
    "--verbose",
    "--offline",
  ],
];

/** A small linear congruential generator: the same cases in every run. */
function* pseudoRandom(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("20,000 command lines are read as pi's own parser reads them", async () => {
  const pis = (await import(pathToFileURL(parser).href)) as { parseArgs: (args: string[]) => PisAnswer };
  const random = pseudoRandom(1);
  const next = (below: number) => Math.floor((random.next().value as number) * below);
  for (let round = 0; round < 20_000; round += 1) {
    const args = Array.from({ length: next(7) }, () => WORDS[next(WORDS.length)] ?? "");
    const pi = pis.parseArgs(args);
    const ours = readPiArguments(args);
    const has = (name: string) => ours.words.some((word) => word.name === name);
    expect(
      {
        session: ours.session,
        sessionId: ours.sessionId,
        fork: ours.fork,
        sessionDir: ours.sessionDir,
        name: ours.name,
        continue: ours.continue,
        resume: ours.resume,
        noSession: ours.noSession,
        print: has("print"),
        help: has("help"),
        version: has("version"),
      },
      JSON.stringify(args),
    ).toEqual({
      session: pi.session,
      sessionId: pi.sessionId,
      fork: pi.fork,
      sessionDir: pi.sessionDir,
      name: pi.name,
      continue: pi.continue ?? false,
      resume: pi.resume ?? false,
      noSession: pi.noSession ?? false,
      print: pi.print ?? false,
      help: pi.help ?? false,
      version: pi.version ?? false,
    });
  }
});
