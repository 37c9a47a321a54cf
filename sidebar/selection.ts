import { footerHeight } from "./footer-rows.ts";
import { rowsOf, type Row } from "./list.ts";
import { listHeight, type Model } from "./model.ts";

/** Rows of the screen above the list. */
export const HEADER_ROWS = 1;

export function selectedIndex(model: Model): number | undefined {
  const index = rowsOf(model).findIndex(({ key }) => key === model.selected);
  return index < 0 ? undefined : index;
}

export function selectedRow(model: Model): Row | undefined {
  return rowsOf(model).find(({ key }) => key === model.selected);
}

/** Whether a row of the screen belongs to the footer, which may lie over the list. */
export function isOnFooter(model: Model, screenRow: number): boolean {
  return screenRow >= model.size.rows - footerHeight(model);
}

/** The row of the list at this row of the screen. */
export function rowAt(model: Model, screenRow: number): Row | undefined {
  const index = screenRow - HEADER_ROWS;
  return index < 0 || index >= listHeight(model) ? undefined : rowsOf(model)[model.top + index];
}

export function selectRow(model: Model, row: Row): Model {
  return keptInView({ ...model, selected: row.key });
}

/** Moves the selection by so many rows, as far as there are any. */
export function moveSelection(model: Model, by: number): Model {
  const rows = rowsOf(model);
  const from = selectedIndex(model) ?? (by > 0 ? -1 : rows.length);
  const row = rows[Math.min(Math.max(from + by, 0), rows.length - 1)];
  return row === undefined ? model : selectRow(model, row);
}

/** Scrolls as little as needed to show the selected row; with nothing selected, the first entry is. */
export function keptInView(model: Model): Model {
  const rows = rowsOf(model);
  const index = selectedIndex(model);
  if (index === undefined) {
    const first = rows.find(({ kind }) => kind === "session") ?? rows[0];
    return { ...model, selected: first?.key, top: 0 };
  }
  const height = listHeight(model);
  const least = index - height + 1;
  // A directory's heading is shown with its first entry.
  const most = index === 1 ? 0 : index;
  const top = Math.min(Math.max(model.top, least), most);
  return { ...model, top: Math.min(Math.max(top, 0), Math.max(0, rows.length - height)) };
}
