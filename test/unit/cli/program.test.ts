import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../../cli/output.ts";
import { buildProgram } from "../../../cli/program.ts";
import { ErrorCode } from "../../../protocol/errors.ts";

const manual = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "cli.md"), "utf8");
const program = buildProgram(() => {});
const commands = program.commands.flatMap((command) => [
  [command.name(), command] as const,
  ...command.commands.map((each) => [`${command.name()} ${each.name()}`, each] as const),
]);

describe("the commands", () => {
  it.each(commands)("%s has a description and stands in docs/cli.md with all its options", (name, command) => {
    expect(command.description()).not.toBe("");
    expect(manual).toContain(`pisync ${name}`);
    for (const option of command.options) expect(manual).toContain(option.long);
  });

  it("documents the exit code of every refusal", () => {
    for (const code of ErrorCode.options) {
      const row = manual.split("\n").find((line) => line.startsWith(`| \`${code}\` `));
      expect([code, row]).toEqual([code, expect.stringMatching(new RegExp(`\\| ${exitCodeOf(code)} +\\|`))]);
    }
  });
});
