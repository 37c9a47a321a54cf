import { PisyncError } from "../../runtime/failure.ts";

/**
 * A few lines of pisync's in a file of the user's, between two lines that say so. Taking them away gives the file back
 * byte for byte, whatever its encoding: what the first line notes is how the file ended before.
 */
const BEGIN = "# >>> pisync: remove these lines with `pisync uninstall";
const END = "# <<< pisync";

/** `joined`: the line feed before the block is its own. `made`: there was no file. */
type Note = "joined" | "made";

export interface Block {
  /** What it belongs to: the name given to `pisync install`. */
  readonly name: string;
  readonly lines: readonly string[];
}

/** A block in a text, with the places of its first character and of the first one behind it. */
interface Found {
  start: number;
  end: number;
  note: Note | undefined;
  lines: string[];
}

/**
 * The content with the block where it is already, else at the end. Undefined content means that there is no file.
 * @throws PisyncError `foreign-file` when the block that is there has lost its last line.
 */
export function withBlock(content: Buffer | undefined, { name, lines }: Block): Buffer {
  const text = asText(content ?? Buffer.alloc(0));
  const inner = lines.map((line) => asText(Buffer.from(line, "utf8")));
  const found = find(text, name);
  if (found !== undefined) {
    const block = blockText(name, found.note, inner);
    return asBytes(text.slice(0, found.start) + block + text.slice(found.end));
  }
  const unended = text !== "" && !text.endsWith("\n");
  const note = content === undefined ? "made" : unended ? "joined" : undefined;
  return asBytes(text + (unended ? "\n" : "") + blockText(name, note, inner));
}

/**
 * The content as it was before the block; undefined when the file was made for it and has nothing else in it.
 * @throws PisyncError `foreign-file` when the block has lost its last line.
 */
export function withoutBlock(content: Buffer, name: string): Buffer | undefined {
  const text = asText(content);
  const found = find(text, name);
  if (found === undefined) return content;
  const before = text.slice(0, found.start);
  const after = text.slice(found.end);
  if (after !== "") return withoutBlock(asBytes(before + inherit(found.note, after)), name);
  if (found.note === "made" && before === "") return undefined;
  return withoutBlock(asBytes(found.note === "joined" ? before.slice(0, -1) : before), name);
}

/** The lines between those that say whose they are; undefined when there is no such block. @throws as `withBlock`. */
export function blockLines(content: Buffer | undefined, name: string): string[] | undefined {
  const lines = content && find(asText(content), name)?.lines;
  return lines?.map((line) => asBytes(line).toString("utf8"));
}

function find(text: string, name: string): Found | undefined {
  const first = new RegExp(`^${escaped(BEGIN)} ${escaped(name)}\`(?: \\((joined|made)\\))?\\r?\\n`, "m").exec(text);
  if (first === null) return undefined;
  const from = first.index + first[0].length;
  const last = new RegExp(`^(?:${escaped(END)}(?=\\r?\\n|$(?![^]))|${escaped(BEGIN)})[^\\n]*\\n?`, "m").exec(
    text.slice(from),
  );
  if (last === null || last[0].startsWith(BEGIN)) throw unended(name);
  const lines = text.slice(from, from + last.index).split(/\r?\n/);
  return {
    start: first.index,
    end: from + last.index + last[0].length,
    note: first[1] as Note | undefined,
    lines: lines.slice(0, -1),
  };
}

function blockText(name: string, note: Note | undefined, lines: readonly string[]): string {
  const first = `${BEGIN} ${name}\`${note === undefined ? "" : ` (${note})`}`;
  return `${[first, ...lines, END].join("\n")}\n`;
}

/** A further block of ours that follows takes the note over, since it is then the last one before that end. */
function inherit(note: Note | undefined, after: string): string {
  if (note === undefined || !after.startsWith(BEGIN)) return after;
  return after.replace(/^([^\r\n]*`)(?=\r?\n)/, `$1 (${note})`);
}

function unended(name: string): PisyncError {
  return new PisyncError("foreign-file", `The last one of pisync's lines for ${name}, "${END}", is missing.`, {
    next: `Remove the lines behind "${BEGIN} ${name}\`" by hand, that one too, and try again.`,
  });
}

/** One character for each byte, so that nothing of the user's is changed by being read. */
function asText(content: Buffer): string {
  return content.toString("latin1");
}

function asBytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function escaped(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
