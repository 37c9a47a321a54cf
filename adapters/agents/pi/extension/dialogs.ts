import type { ExtensionUIContext } from "@earendil-works/pi-coding-agent";

type Opened = (title: string | undefined) => () => void;

/** The dialogs of extensions that wait for their user. */
export class OpenDialogs {
  readonly #onChange: () => void;
  readonly #open = new Set<{ title: string | undefined }>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Of the newest one. */
  get title(): string | undefined {
    return [...this.#open].at(-1)?.title;
  }

  /** Counts one more until the returned function is called. */
  add(title: string | undefined): () => void {
    const dialog = { title };
    this.#open.add(dialog);
    this.#onChange();
    return () => {
      if (this.#open.delete(dialog)) this.#onChange();
    };
  }
}

const KINDS = ["select", "confirm", "input", "editor", "custom"] as const;
const WATCHER = Symbol.for("pisync.dialogs");

/**
 * Tells of every dialog opened through `ui`, for a pi that does not (before 0.84.4): its methods are wrapped, and
 * behave as before. After /reload pi hands out the same object again; the newest watcher counts.
 */
export function watchDialogs(ui: ExtensionUIContext, opened: Opened): void {
  const watched = ui as ExtensionUIContext & { [WATCHER]?: Opened };
  const isWrapped = watched[WATCHER] !== undefined;
  watched[WATCHER] = opened;
  if (isWrapped) return;
  const methods = ui as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
  for (const kind of KINDS) {
    const original = methods[kind];
    if (typeof original !== "function") continue;
    methods[kind] = (...given) => {
      const closed = watched[WATCHER]?.(kind === "custom" ? undefined : String(given[0]));
      const answer = original.apply(ui, given);
      return answer.finally(closed);
    };
  }
}
