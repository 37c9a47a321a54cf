import { describe, expect, it } from "vitest";
import { KeyMatcher } from "../../../../cli/view/key-matcher.ts";
import { controlKey, keyOfSetting, plainKey } from "../../../../cli/view/keys.ts";

/** Feeds pieces and says what went to the host, and whether the key was found. */
function feed(pieces: (string | Buffer)[], setting = "ctrl-\\") {
  const matcher = new KeyMatcher([keyOfSetting(setting)]);
  const forwarded: Buffer[] = [];
  for (const piece of pieces) {
    const { forward, pressed } = matcher.feed(Buffer.from(piece as string));
    forwarded.push(Buffer.from(forward));
    if (pressed) return { forwarded: Buffer.concat(forwarded).toString("latin1"), detached: true };
  }
  forwarded.push(matcher.flush());
  return { forwarded: Buffer.concat(forwarded).toString("latin1"), detached: false };
}

describe("the detach key", () => {
  it.each([
    ["legacy", "\x1c"],
    ["kitty", "\x1b[92;5u"],
    ["kitty with a press event", "\x1b[92;5:1u"],
    ["kitty with alternates", "\x1b[92:124;5u"],
    ["kitty with text", "\x1b[92;5;28u"],
    ["kitty with Caps Lock and Num Lock on", "\x1b[92;197u"],
    ["kitty on a keyboard without Latin letters", "\x1b[1105::92;5u"],
    ["modifyOtherKeys", "\x1b[27;5;92~"],
  ])("is found in its %s encoding", (_, bytes) => {
    expect(feed([bytes])).toEqual({ forwarded: "", detached: true });
    expect(feed(["typed", bytes, "after"])).toEqual({ forwarded: "typed", detached: true });
  });

  it.each(["\x1b[92;5u", "\x1b[27;5;92~", "\x1b[92:124;5:1u"])("is found split at every place (%j)", (bytes) => {
    for (let at = 1; at < bytes.length; at += 1) {
      expect(feed(["x" + bytes.slice(0, at), bytes.slice(at)])).toEqual({ forwarded: "x", detached: true });
    }
    expect(feed([...bytes])).toEqual({ forwarded: "", detached: true });
  });

  it.each([
    ["its release", "\x1b[92;5:3u"],
    ["the key without ctrl", "\x1b[92u"],
    ["with shift too", "\x1b[92;6u"],
    ["with alt too", "\x1b[92;7u"],
    ["with alt in legacy encoding", "\x1b\x1c"],
    ["another key", "\x1b[93;5u"],
    ["another key with modifyOtherKeys", "\x1b[27;5;93~"],
    ["arrows, function keys, SS3", "\x1b[A\x1b[1;5C\x1b[15~\x1bOP"],
    ["the oldest mouse report, with the key's byte in it", "\x1b[M \x1c\x1c"],
    ["a lone Escape", "\x1b"],
    ["an unfinished sequence", "\x1b[92;"],
    ["bytes that are no text", Buffer.from([0xff, 0x00, 0x80, 0xfe])],
    ["an endless sequence", `\x1b[${"1;".repeat(100)}u`],
  ])("is not %s, which is passed on unchanged", (_, bytes) => {
    const text = Buffer.from(bytes as string).toString("latin1");
    expect(feed([bytes])).toEqual({ forwarded: text, detached: false });
  });

  it("is never found in pasted text, however the paste is split", () => {
    const paste = "\x1b[200~a\x1cb\x1b[92;5uc\x1b[201~";
    expect(feed([paste])).toEqual({ forwarded: paste, detached: false });
    expect(feed([...paste])).toEqual({ forwarded: paste, detached: false });
    for (let at = 1; at < paste.length; at += 1) {
      const pieces = [paste.slice(0, at), `${paste.slice(at)}after\x1c`];
      expect(feed(pieces)).toEqual({ forwarded: `${paste}after`, detached: true });
    }
  });

  it("is held no longer than until the flush", () => {
    const matcher = new KeyMatcher([controlKey("\\")]);
    expect(matcher.feed(Buffer.from("a\x1b")).forward.toString()).toBe("a");
    expect(matcher.holding).toBe(true);
    expect(matcher.flush().toString()).toBe("\x1b");
    expect(matcher.holding).toBe(false);
    // What follows is typed text, not the rest of a key.
    expect(matcher.feed(Buffer.from("[92;5u"))).toEqual({ forward: Buffer.from("[92;5u") });
  });

  it("can be another control key", () => {
    expect(feed(["\x1d"], "ctrl-]").detached).toBe(true);
    expect(feed(["\x1b[93;5u"], "ctrl-]").detached).toBe(true);
    expect(feed(["\x11"], "ctrl-q").detached).toBe(true);
    expect(feed(["\x1b[113;5u"], "ctrl-q").detached).toBe(true);
    // ctrl-^ is ctrl-shift-6 on most keyboards.
    expect(feed(["\x1b[54:94;6u"], "ctrl-^").detached).toBe(true);
    expect(feed(["\x1b[54;5u"], "ctrl-^").detached).toBe(true);
    expect(feed(["\x1c"], "ctrl-]").detached).toBe(false);
  });

  it("is told as it was sent, with what came after it", () => {
    const matcher = new KeyMatcher([controlKey("\\"), controlKey("^")]);
    const { forward, pressed } = matcher.feed(Buffer.from("before\x1b[94;5uafter"));
    expect([forward, pressed?.bytes, pressed?.rest].map(String)).toEqual(["before", "\x1b[94;5u", "after"]);
    expect(pressed?.key).toEqual(controlKey("^"));
  });

  it("can be several keys, plain ones among them", () => {
    const keys = [controlKey("\\"), plainKey("q"), controlKey("c")];
    const found = (text: string) => new KeyMatcher(keys).feed(Buffer.from(text)).pressed !== undefined;
    expect(["q", "\x03", "\x1c", "\x1b[113u", "\x1b[99;5u"].map(found)).toEqual([true, true, true, true, true]);
    expect(["Q", "\x1bq", "\x1b[113;5u"].map(found)).toEqual([false, false, false]);
  });
});
