import { describe, expect, test } from "vitest";
import { bridgeArguments } from "../../../cli/pi-bridge/arguments.ts";
import { instanceTable, matching, type Instance } from "../../../cli/pi-bridge/instances.ts";
import { requestOf } from "../../../cli/pi-bridge/verbs.ts";
import { bridgeDirectory } from "../../../runtime/bridge-directory.ts";

function request(verb: string, ...words: string[]) {
  return requestOf(verb, bridgeArguments(words));
}

describe("a command line", () => {
  test.each([
    ["state", [], { type: "get_state" }],
    ["commands", ["--pid", "7"], { type: "get_commands" }],
    ["send", ["fix", "the", "tests"], { type: "prompt", message: "fix the tests" }],
    ["send", ["--follow-up", "then"], { type: "prompt", message: "then", deliverAs: "followUp" }],
    ["send", ["--now", "--unknown", "x"], { type: "prompt", message: "--unknown x", deliverAs: "now" }],
    ["steer", ["left"], { type: "steer", message: "left" }],
    ["follow-up", ["then"], { type: "follow_up", message: "then" }],
    ["history", [], { type: "history" }],
    ["history", ["20", "--verbose"], { type: "history", limit: 20, raw: true }],
    [
      "history",
      ["--event", "input", "--since", "2026-05-21T00:00:00Z", "--max-bytes", "10"],
      { type: "history", event: "input", since: "2026-05-21T00:00:00Z", maxBytes: 10 },
    ],
    ["answer", ["--request-id", "q", "--answers", '[["a"]]'], { type: "answer", requestId: "q", answers: [["a"]] }],
    ["reply", ["--request-id", "q", '[["a b"]]'], { type: "answer", requestId: "q", answers: [["a b"]] }],
    ["reject", ["--request-id", "q"], { type: "reject", requestId: "q" }],
    ["emit", [], { type: "emit", message: "test" }],
    ["request", ['{"type":"x","id":1}'], { type: "x", id: 1 }],
  ])("%s %j", (verb, words, expected) => {
    expect(request(verb, ...words)).toEqual(expected);
  });

  test.each([
    ["dance", [], "Unknown command: dance"],
    ["toString", [], "Unknown command: toString"],
    ["steer", [" "], "Missing message for steer"],
    ["reject", [], "Missing --request-id for reject"],
    ["answer", ["--request-id", "q"], "Missing --answers for answer"],
    ["request", ["[]"], "JSON command must be an object"],
    ["request", ["{}"], "JSON command must include a string type"],
    ["send", ["--pid"], "Missing value for --pid"],
  ])("%s %j is refused: %s", (verb, words, sentence) => {
    expect(() => request(verb, ...words)).toThrow(sentence);
  });
});

describe("bridges", () => {
  const one = { pid: 7, sessionId: "0195f1c2-7a40", sessionName: "one", cwd: "/blog", socketPath: "/t/7" } as Instance;
  const two = { pid: 77, sessionFile: "/s/0195.jsonl", cwd: "/blog/drafts", socketPath: "/t/77" } as Instance;

  test.each([
    [{}, [7, 77]],
    [{ pid: "7" }, [7]],
    [{ session: "0195" }, [7, 77]],
    [{ session: "f1c2" }, [7]],
    [{ name: "on" }, [7]],
    [{ cwd: "drafts" }, [77]],
    [{ cwd: "blog", name: "two" }, []],
  ])("that fit %j", (filters, pids) => {
    expect(matching([one, two], filters).map(({ pid }) => pid)).toEqual(pids);
  });

  test("are listed in columns that no name can break", () => {
    const hostile = { ...one, isIdle: true, sessionName: "a\tb\u001b[2J\nc" };
    expect(instanceTable([hostile, two])).toBe(
      "PID\tIDLE\tSESSION\tNAME\tCWD\tSOCKET\n7\tyes\t0195f1c2\ta b c\t/blog\t/t/7\n77\t?\t-\t-\t/blog/drafts\t/t/77",
    );
  });
});

test.each([
  [{ PI_BRIDGE_DIR: "/b" }, "/c", "/b"],
  [{ PI_BRIDGE_DIR: "b" }, undefined, "/work/b"],
  [{ PI_BRIDGE_DIR: " ", TMPDIR: "/t/" }, "/c", "/c"],
  [{ TMPDIR: "/t/" }, undefined, `/t/pi-session-bridge-${process.getuid?.()}`],
  [{ TMPDIR: "", TMP: "/u" }, undefined, `/u/pi-session-bridge-${process.getuid?.()}`],
  [{}, undefined, `/tmp/pi-session-bridge-${process.getuid?.()}`],
])("with %j and the setting %s the directory is %s", (env, configured, expected) => {
  expect(bridgeDirectory(env, "/work", configured)).toBe(expected);
});
