import { expect, test } from "vitest";
import { usageSentence } from "../../../cli/command-line.ts";

test.each([
  ["unknown command 'lsit'\n(Did you mean list?)", "Unknown command 'lsit'.", "list"],
  ["unknown option '--xyz'", "Unknown option '--xyz'.", undefined],
  [
    "too many arguments for 'kill'. Expected 1 argument but got 2: a, b.",
    "Too many arguments for 'kill'. Expected 1 argument but got 2: a, b.",
    undefined,
  ],
  [
    "command-argument value 'tmxu' is invalid for argument 'WHAT'. Allowed choices are tmux, shim.",
    '"tmxu" is none of tmux, shim.',
    "tmux",
  ],
  [
    "option '--for <STATE>' argument 'it's' is invalid. Allowed choices are idle, exit.",
    `"it's" is none of idle, exit.`,
    undefined,
  ],
])("commander's %j is said as %j", (message, sentence, near) => {
  expect(usageSentence(`error: ${message}`)).toEqual({ sentence, near });
});
