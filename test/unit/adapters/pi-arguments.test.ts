import { describe, expect, test } from "vitest";
import { readPiArguments, shouldPassThrough, type PiArguments } from "../../../adapters/agents/pi/arguments.ts";

const split = (line: string) => line.split(" ").filter((word) => word !== "");

describe("pi draws its screen", () => {
  test.each([
    "",
    "hello",
    "-c",
    "--system-prompt -p",
    "--append-system-prompt --help hello",
    "--model --version",
    "-n --mode",
    "-- -p --help",
    "--session list",
    "-e install",
    "hello list",
    "--some-flag list",
    "@--help",
    "--tui-mode fullscreen",
    "--api-key -h",
  ])("%s", (line) => {
    expect(readPiArguments(split(line))).toMatchObject({ interactive: true });
  });
});

describe("pi draws no screen", () => {
  test.each([
    ["install x", "install"],
    ["list -e x", "list"],
    ["mcp", "mcp"],
    ["auth login", "auth"],
    ["-p hello", "-p"],
    ["--print", "-p"],
    ["-c -p", "-p"],
    ["--mode json", "--mode"],
    ["--mode -c", "--mode"],
    ["--help", "--help"],
    ["hello -h", "--help"],
    ["-v", "--version"],
    ["--export a.jsonl", "--export"],
    ["--list-models sonnet", "--list-models"],
    ["--some-flag --help", "--help"],
    ["--some-flag=x -p", "-p"],
    ["--no-mcp -p", "-p"],
    ["--verbose --print hello", "-p"],
  ])("%s", (line, said) => {
    const read = readPiArguments(split(line));
    expect(read.interactive).toBe(false);
    expect(read.why).toContain(said);
  });
});

describe("what is read", () => {
  test.each<[string, Partial<PiArguments>]>([
    ["-c", { continue: true, selection: { kind: "continue" } }],
    ["--session a --session b", { session: "b", selection: { kind: "session", value: "b" } }],
    ["--session -c", { session: "-c", continue: false }],
    ["--session", { session: undefined, selection: { kind: "unknown" } }],
    ["--session a -c -r", { resume: true, continue: true, selection: { kind: "session", value: "a" } }],
    ["-c -r", { selection: { kind: "unknown" } }],
    ["--session-id x", { sessionId: "x", selection: { kind: "session-id", value: "x" } }],
    ["--session-id x -c", { selection: { kind: "unknown" } }],
    ["--fork a", { fork: "a", selection: { kind: "unknown" } }],
    ["-c --no-session", { noSession: true, selection: { kind: "unknown" } }],
    ["--session-dir d -n work", { sessionDir: "d", name: "work" }],
    ["-p -c", { continue: true }],
    ["-p ---x -c", { continue: true }],
    ["-p hello -c", { continue: true }],
    ["--some-flag -c", { continue: true }],
    ["--some-flag value -c", { continue: true }],
    ["-- -c", { continue: false }],
    ["--model m --session=a", { session: undefined }],
  ])("%s", (line, expected) => {
    expect(readPiArguments(split(line))).toMatchObject(expected);
  });

  test("every word is accounted for, once and in order", () => {
    const args = split("-c --model m @file --flag v hello -p msg -xt a --list-models --mode text -- -c x");
    const words = readPiArguments(args).words;
    expect(words.flatMap((word) => args.slice(word.start, word.end))).toEqual(args);
    expect(words.map((word) => word.kind).join(" ")).toBe(
      "option option file option message option option option option rest",
    );
  });
});

describe("pisync steps aside", () => {
  const terminal = { stdinIsTerminal: true, stdoutIsTerminal: true };

  test.each([
    ["pi", terminal, false],
    ["pi -p hello", terminal, true],
    ["npx pi list", terminal, true],
    ["env A=1 pi --version", terminal, true],
    ["pi --system-prompt -p", terminal, false],
    ["pi", { ...terminal, stdinIsTerminal: false }, true],
    ["pi", { ...terminal, stdoutIsTerminal: false }, true],
    ["wrapper -p", terminal, false],
    ["wrapper -p", { ...terminal, override: true }, true],
    ["pi -p", { ...terminal, override: false }, false],
    ["cat", { ...terminal, stdinIsTerminal: false }, false],
  ])("%s %o", (line, context, expected) => {
    expect(shouldPassThrough(split(line), context)).toBe(expected);
  });
});
