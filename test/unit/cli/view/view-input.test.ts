import { expect, test } from "vitest";
import { controlKey } from "../../../../cli/view/keys.ts";
import { ViewInput } from "../../../../cli/view/view-input.ts";

test("what is typed after the detach key is not for the session, however late it is read", () => {
  const typed: string[] = [];
  let detached = 0;
  const input = new ViewInput(
    { detach: [controlKey("\\")] },
    {
      onInput: (bytes) => typed.push(bytes.toString()),
      onDetach: () => (detached += 1),
      onMenuKey: () => undefined,
      onColours: () => undefined,
    },
  );
  input.feed(Buffer.from("before\x1cin the same read"));
  input.feed(Buffer.from("in the next one"));
  input.feed(Buffer.from("\x1c"));
  input.close();
  expect(typed).toEqual(["before"]);
  expect(detached).toBe(1);
});

test("the menu key is told in its place among what is typed", () => {
  const heard: string[] = [];
  const input = new ViewInput(
    { detach: [controlKey("\\")], menu: controlKey("^") },
    {
      onInput: (bytes) => heard.push(bytes.toString()),
      onDetach: () => heard.push("detach"),
      onMenuKey: (bytes) => heard.push(`menu ${JSON.stringify(bytes.toString())}`),
      onColours: () => undefined,
    },
  );
  input.feed(Buffer.from("one\x1etwo\x1b[94;5u\x1cthree"));
  input.close();
  expect(heard).toEqual(["one", 'menu "\\u001e"', "two", 'menu "\\u001b[94;5u"', "detach"]);
});
