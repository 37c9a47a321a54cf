import { expect, test } from "vitest";
import { controlKey } from "../../../../cli/view/keys.ts";
import { ViewInput } from "../../../../cli/view/view-input.ts";

test("what is typed after the detach key is not for the session, however late it is read", () => {
  const typed: string[] = [];
  let detached = 0;
  const input = new ViewInput([controlKey("\\")], {
    onInput: (bytes) => typed.push(bytes.toString()),
    onDetach: () => (detached += 1),
    onColours: () => undefined,
  });
  input.feed(Buffer.from("before\x1cin the same read"));
  input.feed(Buffer.from("in the next one"));
  input.feed(Buffer.from("\x1c"));
  input.close();
  expect(typed).toEqual(["before"]);
  expect(detached).toBe(1);
});
