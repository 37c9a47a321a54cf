import type { ExtensionUIContext } from "@earendil-works/pi-coding-agent";

/** pi's own line of input, as far as it is used here. Not of pi's documented interface: looked for each time. */
export interface PiEditor {
  getText(): string;
  setText(text: string): void;
  /** What Enter does. */
  onSubmit(text: string): unknown;
  /** With what was pasted in place of its markers. */
  getExpandedText?(): string;
}

interface Component {
  children?: unknown;
}

const MAX_DEPTH = 8;
const WIDGET = "pisync";

/** Undefined while something else, such as a dialog, stands in its place, and in a pi that is built differently. */
export function findEditor(ui: ExtensionUIContext): PiEditor | undefined {
  return find(rootOf(ui), isEditor);
}

/** The dialog that `ui.editor` opened, for that is the one that no signal closes. */
export function findEditorDialog(ui: ExtensionUIContext): { onCancelCallback(): void } | undefined {
  return find(rootOf(ui), isEditorDialog);
}

/**
 * Submits a line as if it had been typed. What its user has typed and not sent yet stays, with the cursor behind it.
 * Resolves when pi is done with the line; false when pi gave it back.
 */
export async function submit(editor: PiEditor, line: string): Promise<boolean> {
  const text = () => editor.getExpandedText?.() ?? editor.getText();
  const shown = editor.getText();
  const draft = text();
  const lost: string[] = [];
  const setText = editor.setText.bind(editor);
  editor.setText = (given) => {
    if (given === "" && text() !== "") lost[0] = text();
    setText(given);
  };
  try {
    const done = Promise.resolve(editor.onSubmit(line));
    const givenBack = editor.getText() === line && shown !== line;
    if (editor.getText() !== shown) setText(draft);
    lost.length = 0;
    await done;
    if (lost[0] !== undefined && editor.getText() === "") setText(lost[0]);
    return !givenBack;
  } finally {
    // The method of its class again.
    delete (editor as Partial<PiEditor>).setText;
  }
}

/** pi hands its terminal interface to whoever makes a widget; this one is gone before it is drawn. */
function rootOf(ui: ExtensionUIContext): unknown {
  let root: unknown;
  ui.setWidget(WIDGET, (tui) => {
    root = tui;
    return { render: () => [], invalidate: () => undefined };
  });
  ui.setWidget(WIDGET, undefined);
  return root;
}

function find<T>(component: unknown, is: (candidate: object) => candidate is object & T, depth = 0): T | undefined {
  if (typeof component !== "object" || component === null || depth > MAX_DEPTH) return undefined;
  if (is(component)) return component;
  // It holds an editor of its own.
  if (isEditorDialog(component)) return undefined;
  const { children } = component as Component;
  for (const child of Array.isArray(children) ? children : []) {
    const found = find(child, is, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isEditor(candidate: object): candidate is PiEditor {
  return hasMethod(candidate, "getText") && hasMethod(candidate, "setText") && hasMethod(candidate, "onSubmit");
}

function isEditorDialog(candidate: object): candidate is { onCancelCallback(): void } {
  return hasMethod(candidate, "onCancelCallback") && "editor" in candidate;
}

function hasMethod(candidate: object, name: string): boolean {
  return typeof (candidate as Record<string, unknown>)[name] === "function";
}
