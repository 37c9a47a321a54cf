import { describe as group, expect, it } from "vitest";
import { completionScript } from "../../../../cli/completions/completion-script.ts";
import { describe, withAllBelow } from "../../../../cli/completions/described-command.ts";
import { SHELLS } from "../../../../cli/install/user-shell.ts";
import { buildProgram } from "../../../../cli/program.ts";

const program = buildProgram(() => {});
const commands = withAllBelow(describe(program));

group("what is completed", () => {
  it("is every command that a user sees, with its aliases and options", () => {
    const visible = program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name());
    expect(commands.map(({ path }) => path)).toEqual(expect.arrayContaining(visible));
    expect(commands.find(({ path }) => path === "list")?.names).toEqual(["list", "ls"]);
    expect(commands.map(({ path }) => path)).toContain("daemon logs");
    expect(commands.map(({ path }) => path)).not.toContain("workspace-view");
    for (const command of program.commands) {
      const described = commands.find(({ path }) => path === command.name());
      const flags = described?.options.flatMap((option) => option.flags) ?? [];
      const shown = command.options.filter(({ hidden }) => !hidden && described !== undefined);
      expect(flags).toEqual(expect.arrayContaining(shown.flatMap(({ long }) => long ?? [])));
      expect(flags).not.toContain("--client");
    }
  });

  it("is known of every placeholder by its name", () => {
    const attach = commands.find(({ path }) => path === "attach");
    const value = (flag: string) => attach?.options.find(({ flags }) => flags.includes(flag))?.value?.kind;
    expect(attach?.argument).toEqual({ kind: "session" });
    expect(["--cwd", "--socket", "--session", "--pid", "--read-only"].map(value)).toEqual([
      "directory",
      "file",
      "session",
      "nothing",
      undefined,
    ]);
    const words = (path: string) => commands.find((command) => command.path === path)?.argument;
    expect(words("install")).toMatchObject({ kind: "words" });
    expect(words("help")).toEqual({ kind: "words", words: expect.arrayContaining(["daemon", "wait"]) as string[] });
    const wait = commands.find(({ path }) => path === "wait")?.options.find(({ flags }) => flags.includes("--for"));
    expect(wait?.value).toEqual({ kind: "words", words: ["idle", "waiting", "error", "exit"] });
  });
});

group.each(SHELLS)("the script for %s", (shell) => {
  const script = completionScript(shell);

  it("has every command and option in it", () => {
    for (const { names, options } of commands.slice(1)) {
      for (const word of [...names, ...options.flatMap(({ flags }) => flags)]) {
        const asWritten = shell === "fish" ? word.replace(/^--?/, "") : word;
        expect(script).toMatch(new RegExp(`(?<![\\w-])${asWritten}(?![\\w-])`));
      }
    }
  });

  it("ends with a line feed, and says how it was made", () => {
    expect(script).toMatch(/\n$/);
    expect(script).toContain(`pisync completions ${shell}`);
  });
});
