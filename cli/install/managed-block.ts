/**
 * A few lines of pisync's in a file of the user's, between two lines that say so. Taking them away gives the file
 * back byte for byte: how its last line ended is part of the first marker.
 */
const BEGIN = "# >>> pisync: remove these lines with `pisync uninstall";
const END = "# <<< pisync";
/** The file had no line feed at its end before. */
const UNENDED = "(joined)";

export interface Block {
  /** What it belongs to: the name given to `pisync install`. */
  name: string;
  lines: readonly string[];
}

/** The text with the block at its end, or in place of the one that is there. */
export function withBlock(text: string, { name, lines }: Block): string {
  const rest = withoutBlock(text, name);
  const unended = rest !== "" && !rest.endsWith("\n");
  const begin = `${BEGIN} ${name}\`${unended ? ` ${UNENDED}` : ""}`;
  return `${rest}${unended ? "\n" : ""}${[begin, ...lines, END].join("\n")}\n`;
}

/** The text as it was before the block; the same when there is none. */
export function withoutBlock(text: string, name: string): string {
  const found = new RegExp(`(^|\\n)${escaped(BEGIN)} ${escaped(name)}\`( ${escaped(UNENDED)})?\\n[^]*?${END}\\n?`).exec(
    text,
  );
  if (found === null) return text;
  const [whole, before = "", unended] = found;
  const kept = unended === undefined ? before : "";
  return text.slice(0, found.index) + kept + text.slice(found.index + whole.length);
}

function escaped(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
