import { describe, expect, it } from "vitest";
import { blockLines, withBlock, withoutBlock } from "../../../../cli/install/managed-block.ts";

const BLOCK = { name: "shim", lines: ["export A='ä'", "# second"] };
const OTHER = { name: "completions", lines: [". other"] };

const FILES: [string, string | Buffer | undefined][] = [
  ["that is not there", undefined],
  ["that is empty", ""],
  ["with a line feed at its end", "one\ntwo\n"],
  ["without a line feed at its end", "one\ntwo"],
  ["of a single line feed", "\n"],
  ["with blank lines at its end", "one\n\n\n"],
  ["with CRLF", "one\r\ntwo\r\n"],
  ["with CRLF and no end", "one\r\ntwo"],
  ["with a carriage return at its end", "one\r"],
  ["that is not UTF-8", Buffer.from([0x66, 0xff, 0xc3, 0x0a, 0x00, 0x80])],
  ["with a byte order mark", Buffer.from([0xef, 0xbb, 0xbf, 0x61])],
  ["that names the markers", "# pisync\n# <<< pisync\nx\n"],
];

describe.each(FILES)("a file %s", (_, content) => {
  const before = content === undefined ? undefined : Buffer.from(content as string);

  it("is given back byte for byte", () => {
    expect(withoutBlock(withBlock(before, BLOCK), "shim")).toEqual(before);
  });

  it("is the same after a second installation, and given back after it", () => {
    const once = withBlock(before, BLOCK);
    expect(withBlock(once, BLOCK)).toEqual(once);
    expect(withoutBlock(withBlock(once, { ...BLOCK, lines: ["new"] }), "shim")).toEqual(before);
  });

  it("is given back when two blocks go in the order in which they came, and in the other one", () => {
    const both = withBlock(withBlock(before, BLOCK), OTHER);
    expect(withoutBlock(withoutBlock(both, "shim") ?? Buffer.alloc(0), "completions")).toEqual(before);
    expect(withoutBlock(withoutBlock(both, "completions") ?? Buffer.alloc(0), "shim")).toEqual(before);
  });

  it("keeps what its user adds behind the block", () => {
    const kept = withoutBlock(Buffer.concat([withBlock(before, BLOCK), Buffer.from("mine\n")]), "shim");
    expect(kept?.toString("latin1").endsWith("mine\n")).toBe(true);
    expect(kept?.subarray(0, before?.length ?? 0)).toEqual(before ?? Buffer.alloc(0));
  });
});

describe("a block", () => {
  const installed = withBlock(Buffer.from("one\n"), BLOCK).toString();

  it("stands on lines of its own between two that say what it is and how it goes away", () => {
    expect(installed.split("\n")).toEqual([
      "one",
      "# >>> pisync: remove these lines with `pisync uninstall shim`",
      "export A='ä'",
      "# second",
      "# <<< pisync",
      "",
    ]);
    expect(blockLines(Buffer.from(installed), "shim")).toEqual(BLOCK.lines);
    expect(blockLines(Buffer.from(installed), "completions")).toBeUndefined();
    expect(blockLines(undefined, "shim")).toBeUndefined();
  });

  it("stays where it is when it is brought up to date", () => {
    const text = `${installed}mine\n`;
    const updated = withBlock(Buffer.from(text), { ...BLOCK, lines: ["$& new"] }).toString();
    expect(updated).toBe(text.replace("export A='ä'\n# second", () => "$& new"));
  });

  it("goes as a whole when its user has edited it, and when its line ends have become CRLF", () => {
    const edited = installed.replace("# second", "# theirs\nmore");
    expect(withoutBlock(Buffer.from(edited), "shim")?.toString()).toBe("one\n");
    const crlf = installed.replaceAll("\n", "\r\n");
    expect(blockLines(Buffer.from(crlf), "shim")).toEqual(BLOCK.lines);
    expect(withoutBlock(Buffer.from(crlf), "shim")?.toString()).toBe("one\r\n");
  });

  it("goes with its copies", () => {
    expect(withoutBlock(Buffer.from(`${installed}two\n${installed}`), "shim")?.toString()).toBe("one\ntwo\none\n");
  });

  it.each([
    ["with nothing behind it", installed.replace("# <<< pisync\n", "")],
    ["with the user's lines behind it", installed.replace("# <<< pisync", "# mine")],
    [
      "with another block behind it",
      installed.replace("# <<< pisync\n", "") + withBlock(Buffer.from(""), OTHER).toString(),
    ],
  ])("that has lost its last line, %s, takes nothing along", (_, text) => {
    for (const change of [
      () => withoutBlock(Buffer.from(text), "shim"),
      () => withBlock(Buffer.from(text), BLOCK),
      () => blockLines(Buffer.from(text), "shim"),
    ]) {
      expect(change).toThrow(expect.objectContaining({ code: "foreign-file" }));
    }
  });
});
