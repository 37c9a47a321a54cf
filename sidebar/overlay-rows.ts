import { shortenHome } from "../runtime/short-forms.ts";
import { matchingDirectories } from "./actions.ts";
import { BINDINGS, keyLabel } from "./keybindings.ts";
import { textOf } from "./line-editor.ts";
import { MARKS, type MarkName, type Style } from "./marks.ts";
import { listHeight, type Model, type Overlay } from "./model.ts";
import { editorSpans, literal, span, spread, type Drawing, type ScreenLine, type Span } from "./rows.ts";

type Of<K extends Overlay["kind"]> = Extract<Overlay, { kind: K }>;

/** The lines of what lies over the list, in its place. Positions agree with sidebar/overlays.ts. */
export function overlayLines(model: Model, overlay: Overlay, drawing: Drawing): ScreenLine[] {
  switch (overlay.kind) {
    case "help":
      return helpLines(drawing).slice(overlay.top);
    case "menu":
      return menuLines(model, overlay, drawing);
    case "confirm":
      return confirmLines(overlay, drawing);
    case "prompt":
      return promptLines(model, overlay, drawing);
    case "directories":
      return directoryLines(model, overlay, drawing);
    case "results":
      return resultLines(overlay, drawing);
  }
}

/** Made from the tables of keys and marks, so that it cannot differ from what they do. */
export function helpLines(drawing: Drawing): ScreenLine[] {
  const lines: ScreenLine[] = [];
  for (const [group, bindings] of Map.groupBy(BINDINGS, (binding) => binding.group)) {
    if (lines.length > 0) lines.push({ spans: [] });
    lines.push(heading(group, drawing));
    for (const { keys, help } of bindings) {
      lines.push(
        line(
          [
            literal(` ${keyLabel(keys[0] ?? "", drawing.appearance).padEnd(KEY_WIDTH)}`, { colour: "cyan" }),
            span(help),
          ],
          drawing,
        ),
      );
    }
  }
  lines.push({ spans: [] }, heading("Marks", drawing));
  for (const name of Object.keys(MARKS) as MarkName[]) {
    const { unicode, ascii, style, meaning } = MARKS[name];
    if (name === "unknown") continue;
    const mark = (drawing.appearance.unicode ? unicode : ascii).padEnd(KEY_WIDTH);
    lines.push(line([literal(` ${mark}`, style), span(meaning)], drawing));
  }
  lines.push({ spans: [] }, line([literal(" Click: attach or fold", GREY)], drawing));
  lines.push(line([literal(" with Shift: show it here", GREY)], drawing));
  return lines;
}

const KEY_WIDTH = 6;
const GREY: Style = { colour: "grey" };

function menuLines(model: Model, { session, items, selected }: Of<"menu">, drawing: Drawing): ScreenLine[] {
  const title = model.sessions.get(session)?.title ?? session;
  return [
    heading(title, drawing),
    ...items.map(({ label, key }, index) => ({
      spans: spread([literal(" "), literal(label)], [literal(`${key} `, GREY)], drawing),
      selected: index === selected,
    })),
  ];
}

function confirmLines({ question }: Of<"confirm">, drawing: Drawing): ScreenLine[] {
  const lines = wrapped(question, drawing.width - 2).map((text) => line([literal(" "), span(text)], drawing));
  return [...lines, { spans: [] }, line([literal(" y", { bold: true }), literal(" yes   any other key: no")], drawing)];
}

function promptLines(model: Model, { prompt, line: editor }: Of<"prompt">, drawing: Drawing): ScreenLine[] {
  const title =
    prompt.kind === "search" ? "Search all conversations" : `Rename ${model.sessions.get(prompt.session)?.title ?? ""}`;
  const hint = prompt.kind === "search" ? " Enter searches, Esc leaves" : " Enter renames, Esc leaves";
  return [
    heading(title, drawing),
    { spans: editorSpans(" ", editor, drawing) },
    { spans: [] },
    line([literal(hint, GREY)], drawing),
  ];
}

function directoryLines(
  model: Model,
  { all, line: editor, selected }: Of<"directories">,
  drawing: Drawing,
): ScreenLine[] {
  const found = matchingDirectories(all, textOf(editor), model.home);
  const shown = found.slice(0, listHeight(model) - 2).map((directory, index) => ({
    spans: spread([literal(" "), span(shortenHome(directory, model.home))], [], drawing),
    selected: index === selected,
  }));
  const none = line([literal(" Enter starts pi in this path", GREY)], drawing);
  return [
    heading("New pi in", drawing),
    { spans: editorSpans(" ", editor, drawing) },
    ...(found.length > 0 ? shown : [none]),
  ];
}

function resultLines(overlay: Of<"results">, drawing: Drawing): ScreenLine[] {
  const { hits, selected, state, query, top } = overlay;
  if (hits.length === 0) {
    const text = { searching: "Searching", failed: "The search failed.", done: `Nothing was said about ${query}.` }[
      state
    ];
    return [line([literal(" "), span(text, GREY)], drawing)];
  }
  return hits.slice(top).flatMap(({ session, snippet, matches }, index) => [
    {
      spans: spread([literal(" "), span(session.title, { bold: true })], [], drawing),
      selected: top + index === selected,
    },
    line([literal("   "), ...snippetSpans(snippet, matches)], drawing),
  ]);
}

function snippetSpans(snippet: string, matches: readonly (readonly [number, number])[]): Span[] {
  const [first] = matches;
  // A narrow line shows the first match, with a little of what stands before it.
  const from = first === undefined ? 0 : Math.max(0, snippet.lastIndexOf(" ", Math.max(0, first[0] - 8)));
  const spans: Span[] = [];
  let at = from;
  for (const [start, end] of matches) {
    spans.push(part(snippet.slice(at, start), GREY), part(snippet.slice(start, end), { bold: true, underline: true }));
    at = end;
  }
  return [...spans, part(snippet.slice(at), GREY)];
}

/** A part of plain text whose blanks at both ends count. */
function part(text: string, style: Style): Span {
  const blank = (present: boolean) => (present ? literal(" ").cells : []);
  return { cells: [...blank(/^\s/.test(text)), ...span(text).cells, ...blank(/\S\s+$/.test(text))], style };
}

function heading(text: string, drawing: Drawing): ScreenLine {
  return line([literal(" "), span(text, { bold: true })], drawing);
}

function line(spans: readonly Span[], drawing: Drawing): ScreenLine {
  return { spans: spread(spans, [], drawing) };
}

/** Lines of at most `room` characters, broken at blanks. */
function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
