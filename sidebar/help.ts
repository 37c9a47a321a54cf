import { MARKS, type MarkName } from "../runtime/session-marks.ts";
import { keyLabel, type Keys } from "../runtime/keybindings.ts";
import { drawnMark, type Appearance, type Style } from "./marks.ts";

/** A line of the help: a heading, a key or mark with its meaning, or a blank. */
export type HelpLine =
  | { readonly heading: string }
  | { readonly sign: string; readonly style: Style; readonly meaning: string }
  | { readonly text: string };

/** Made from the tables of keys and marks, so that it cannot differ from what they do. */
export function helpOf(keys: Keys, appearance: Appearance): HelpLine[] {
  const groups = [...Map.groupBy(keys.bindings, ({ group }) => group)].map(([heading, bindings]) => [
    { heading },
    ...bindings.map((binding) => ({
      sign: keyLabel(binding.keys[0] ?? "", appearance),
      style: { colour: "cyan" } as const,
      meaning: binding.help,
    })),
    { text: "" },
  ]);
  const marks = (Object.keys(MARKS) as MarkName[]).map((name) => ({
    ...drawnMark(name, appearance),
    meaning: MARKS[name].meaning,
  }));
  return [
    ...groups.flat(),
    { heading: "Marks" },
    ...marks,
    { text: "" },
    { text: "Click: attach or fold" },
    { text: "with Alt: show it here" },
  ];
}

/** Rows that the help has, whatever the terminal can show. */
export function helpLength(keys: Keys): number {
  return helpOf(keys, { colours: 0, unicode: false }).length;
}
