import { expect, test } from "vitest";
import { ClipboardGate } from "../../../host/clipboard-gate.ts";

const WRITE = "\x1b]52;c;aGVsbG8=\x07";

function through(...chunks: (string | Buffer)[]): { bytes: string; clipboard: string } {
  const gate = new ClipboardGate();
  const out = { bytes: "", clipboard: "" };
  for (const chunk of chunks) {
    const { bytes, clipboard } = gate.push(Buffer.from(chunk));
    out.bytes += bytes.toString();
    out.clipboard += clipboard?.toString() ?? "";
  }
  return out;
}

test("output without a clipboard sequence is passed on as it is", () => {
  const output = Buffer.from("text \x1b[31m [52;c] \x1b]8;;https://example.org\x07 é\x1b]2;52;title\x07\x1b]520;x\x07");
  const { bytes, clipboard } = new ClipboardGate().push(output);
  expect(bytes).toBe(output);
  expect(clipboard).toBeUndefined();
});

test.each([
  ["with BEL", WRITE],
  ["with ST", "\x1b]52;c;aGVsbG8=\x1b\\"],
  ["as single characters", "\u009d52;c;aGVsbG8=\u009c"],
  ["to the primary selection", "\x1b]52;p;aGVsbG8=\x07"],
  ["to the default selection", "\x1b]52;;aGVsbG8=\x07"],
  ["clearing", "\x1b]52;c;\x07"],
])("a write %s goes to one view only", (_name, write) => {
  expect(through(`a${write}b`)).toEqual({ bytes: "ab", clipboard: write });
  expect(through(`a${write}b${write}c`)).toEqual({ bytes: "abc", clipboard: write + write });
});

test("a write comes through in pieces of any length, in order", () => {
  const output = Buffer.from(`a\x1b[m${WRITE}é\u009d52;c;aGVsbG8=\x07\x1b[1mb`);
  const bytes = [...output].map((byte) => Buffer.from([byte]));
  const gate = new ClipboardGate();
  const parts = bytes.map((byte) => gate.push(byte));
  expect(Buffer.concat(parts.map((part) => part.bytes)).toString()).toBe("a\x1b[mé\x1b[1mb");
  expect(Buffer.concat(parts.map((part) => part.clipboard ?? Buffer.alloc(0))).toString()).toBe(
    `${WRITE}\u009d52;c;aGVsbG8=\x07`,
  );
});

test.each([
  ["reading", "\x1b]52;c;?\x07"],
  ["what is not base64", "\x1b]52;c;hello\x1b[31m".slice(0, -5) + " world\x07"],
  ["a write that is cut off by another sequence", "\x1b]52;c;aGVs\x1b[m".slice(0, -3)],
  ["a write that is cancelled", "\x1b]52;c;aGVs\x18"],
  ["a number with zeros before it", "\x1b]00052;c;aGVsbG8=\x07"],
  ["control characters in the introducer", "\x1b\x00]5\x012;c;aGVsbG8=\x07"],
])("%s goes to nobody", (_name, sequence) => {
  expect(through(`a${sequence}\x1b[mb`)).toEqual({ bytes: "a\x1b[mb", clipboard: "" });
});

test("an oversized write is dropped to its end, in bounded memory", () => {
  const gate = new ClipboardGate();
  const kilobyte = Buffer.alloc(1024, "A");
  expect(gate.push(Buffer.from("a\x1b]52;c;")).bytes.toString()).toBe("a");
  for (let index = 0; index < 2000; index++) {
    const { bytes, clipboard } = gate.push(kilobyte);
    expect(bytes).toHaveLength(0);
    expect(clipboard).toBeUndefined();
  }
  expect(gate.push(Buffer.from("\x1b")).bytes).toHaveLength(0);
  expect(gate.push(Buffer.from(`\\b${WRITE}`))).toEqual({ bytes: Buffer.from("b"), clipboard: Buffer.from(WRITE) });
});

test("a write as large as allowed goes through", () => {
  const write = `\x1b]52;c;${"A".repeat(1_000_000)}\x07`;
  expect(through(write.slice(0, 500_000), write.slice(500_000))).toEqual({ bytes: "", clipboard: write });
});
