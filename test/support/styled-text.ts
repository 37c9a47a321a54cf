const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const ON: Readonly<Record<number, string>> = { 1: "bold", 4: "underline", 7: "inverse" };
const OFF: Readonly<Record<number, readonly string[]>> = { 22: ["bold"], 24: ["underline"], 27: ["inverse"] };

/**
 * What `capture-pane -e` printed, for people and comparison: `«bold cyan»●1«»` is text in a style up to the next
 * brackets. Says the same for the same cells, whatever the order and number of escape sequences.
 */
export function styledText(capture: string): string {
  const style = { flags: new Set<string>(), colour: "" };
  let shown = "";
  let last = "";
  return capture
    .split("\n")
    .map((line) => {
      shown = "";
      last = "";
      for (const [, parameters, text = ""] of line.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)/g)) {
        if (parameters !== undefined) apply(parameters.split(";").map(Number), style);
        else add(text);
      }
      if (last !== "") shown += "«»";
      return shown.trimEnd();
    })
    .join("\n");

  function add(text: string): void {
    const name = [...["bold", "underline", "inverse"].filter((flag) => style.flags.has(flag)), style.colour]
      .filter(Boolean)
      .join(" ");
    if (name !== last) shown += `«${name}»`;
    last = name;
    shown += text;
  }
}

function apply(codes: readonly number[], style: { flags: Set<string>; colour: string }): void {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) {
      style.flags.clear();
      style.colour = "";
    } else if (code === 38) {
      style.colour = `colour${codes[at + 2] ?? ""}`;
      at += 2;
    } else if (code >= 30 && code < 38) style.colour = COLOURS[code - 30] ?? "";
    else if (code === 39) style.colour = "";
    else if (ON[code] !== undefined) style.flags.add(ON[code]);
    else for (const flag of OFF[code] ?? []) style.flags.delete(flag);
  }
}
