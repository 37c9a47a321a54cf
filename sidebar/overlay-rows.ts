import { shortenHome } from "../runtime/short-forms.ts";
import { wrap } from "./cells.ts";
import { shownDirectories } from "./directory-picker.ts";
import { helpOf, type HelpLine } from "./help.ts";
import { keyLabel } from "../runtime/keybindings.ts";
import type { Model, Overlay } from "./model.ts";
import { editorSpans, GREY, literal, span, spread, withMatches } from "./spans.ts";
import type { Drawing, ScreenLine, Span } from "./spans.ts";

type Of<K extends Overlay["kind"]> = Extract<Overlay, { kind: K }>;

/** The lines of what lies over the list, in its place. Positions agree with sidebar/overlays.ts. */
export function overlayLines(model: Model, overlay: Overlay, drawing: Drawing): ScreenLine[] {
  switch (overlay.kind) {
    case "help":
      return helpOf(drawing.keys, drawing.appearance)
        .slice(overlay.top)
        .map((each) => helpLine(each, drawing));
    case "menu":
      return menuLines(overlay, drawing);
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

/** Cells of a key in the help. */
const KEY_WIDTH = 5;

function helpLine(helpLine: HelpLine, drawing: Drawing): ScreenLine {
  if ("heading" in helpLine) return heading(helpLine.heading, drawing);
  if ("text" in helpLine) return line([literal(" "), literal(helpLine.text, GREY)], drawing);
  const { sign, style, meaning } = helpLine;
  return line([literal(" "), literal(`${sign.padEnd(KEY_WIDTH)} `, style), literal(meaning)], drawing);
}

function menuLines({ title, items, selected }: Of<"menu">, drawing: Drawing): ScreenLine[] {
  return [
    heading(title, drawing),
    ...items.map(({ label, key }, index) => {
      const right = key === undefined ? [] : [literal(`${keyLabel(key, drawing.appearance)} `, GREY)];
      return { spans: spread([literal(" "), literal(label)], right, drawing), selected: index === selected };
    }),
  ];
}

function confirmLines({ question }: Of<"confirm">, drawing: Drawing): ScreenLine[] {
  const lines = wrap(question, drawing.width - 2).map((cells) => line([literal(" "), { cells, style: {} }], drawing));
  return [...lines, { spans: [] }, line([literal(" y", { bold: true }), literal(" yes   any other key: no")], drawing)];
}

function promptLines(model: Model, { prompt, line: editor }: Of<"prompt">, drawing: Drawing): ScreenLine[] {
  const title =
    prompt.kind === "search" ? "Search all conversations" : `Rename ${model.sessions.get(prompt.session)?.title ?? ""}`;
  return [heading(title, drawing), { spans: editorSpans(" ", editor, drawing) }];
}

function directoryLines(model: Model, picker: Of<"directories">, drawing: Drawing): ScreenLine[] {
  const { directories, top } = shownDirectories(model, picker);
  const shown = directories.slice(top).map((directory, index) => ({
    spans: spread([literal(" "), span(shortenHome(directory, model.places.home))], [], drawing),
    selected: top + index === picker.selected,
  }));
  return [heading("New pi in", drawing), { spans: editorSpans(" ", picker.line, drawing) }, ...shown];
}

function resultLines({ hits, selected, state, query, top }: Of<"results">, drawing: Drawing): ScreenLine[] {
  if (hits.length === 0) {
    const texts = { searching: "Searching", failed: "The search failed.", done: `Nothing was said about ${query}.` };
    return [line([literal(" "), span(texts[state], GREY)], drawing)];
  }
  return hits
    .slice(top)
    .flatMap(({ session, snippet, matches }, index) => [
      { ...heading(session.title, drawing), selected: top + index === selected },
      line([literal("   "), ...snippetSpans(snippet, matches)], drawing),
    ]);
}

/** A narrow line shows the first match, with a little of what stands before it. */
function snippetSpans(snippet: string, matches: readonly (readonly [number, number])[]): Span[] {
  const first = matches[0]?.[0] ?? 0;
  const from = Math.max(0, snippet.lastIndexOf(" ", Math.max(0, first - 8)));
  return withMatches(snippet, matches, GREY, from);
}

function heading(text: string, drawing: Drawing): ScreenLine {
  return line([literal(" "), span(text, { bold: true })], drawing);
}

function line(spans: readonly Span[], drawing: Drawing): ScreenLine {
  return { spans: spread(spans, [], drawing) };
}
