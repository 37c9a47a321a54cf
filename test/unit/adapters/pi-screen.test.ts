import { expect, test } from "vitest";
import { textSinceStart } from "../../../adapters/agents/pi/pi-screen.ts";

// As tmux showed them on 0.73.1 and 0.87.1, and on 1.5.2.
const head = " pi v0.87.1       \n escape interrupt · ctrl+c/ctrl+d clear/exit · / commands · ! bash · ctrl+o more\n";
const newHead = " ▀▀█  v1.5.2      \n █▀ █ escape interrupt · ctrl+c/ctrl+d clear/exit\n";
const end = "To resume this session: pi --session 01a1fc31-0bad-7779-aebb-0ac6bf4071a9\n";

test("what is on a screen above the last start of pi is none of its text", () => {
  expect(textSinceStart(`$ pi\n${head}old words\n$ pi\n${head}new words\n`)).toMatch(
    /^\n escape interrupt.*\nnew words\n$/,
  );
  expect(textSinceStart(`$ pi\n${newHead}old words\n$ pi\n${newHead}new words\n`)).not.toContain("old words");
});

test("the last line of a pi before it ends that one's text, also where none has a head", () => {
  expect(textSinceStart(`$ pi\nold words\n${end}$ pi\nnew words\n`)).toBe("\n$ pi\nnew words\n");
});

test("a screen without any such line does not tell where pi began", () => {
  expect(
    textSinceStart("words\npi v0.87.1 is what I use\nsee: To resume this session: pi --session X\n"),
  ).toBeUndefined();
  expect(textSinceStart("")).toBeUndefined();
});
