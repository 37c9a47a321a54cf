import type { FolderEvents, FolderWatcher } from "./watcher.ts";

/** What Linux refuses to watch for, with which error. */
const INOTIFY_LIMITS: Record<string, string> = {
  ENOSPC: "fs.inotify.max_user_watches",
  EMFILE: "fs.inotify.max_user_instances",
};

/** Watches folders as far as the system allows, and knows whether it does. */
export class Watching {
  readonly #events: FolderEvents;
  #watcher: FolderWatcher | undefined;
  /** Why the system does not watch everything. */
  #refused: string | undefined;
  #started = false;
  #closed = false;

  constructor(events: FolderEvents) {
    this.#events = events;
  }

  /** Everything has to be looked at by itself now and then. */
  get polls(): boolean {
    return this.#refused !== undefined;
  }

  get troubles(): string[] {
    const code = this.#refused;
    if (code === undefined) return [];
    const limit = INOTIFY_LIMITS[code];
    const next = limit === undefined ? "" : ` Raise ${limit} (sysctl) and restart the daemon.`;
    return [`The system watches no more folders (${code}): changes are noticed within 2 to 10 seconds.${next}`];
  }

  /** Starts to watch, once. What watches is loaded then, because nobody waits for it. */
  async start(folders: Iterable<string>): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { FolderWatcher } = await import("./watcher.ts");
    if (this.#closed) return;
    this.#watcher = new FolderWatcher({
      ...this.#events,
      onRefused: (code) => {
        const first = this.#refused === undefined;
        this.#refused = code;
        if (first) this.#events.onRefused(code);
      },
    });
    this.#watcher.watchOnly(folders);
  }

  /** Watches exactly these folders, from `start` on. */
  watchOnly(folders: Iterable<string>): void {
    this.#watcher?.watchOnly(folders);
  }

  /** Watches a folder anew that may be another one than before. */
  renew(folder: string): void {
    this.#watcher?.renew(folder);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#watcher?.close();
  }
}
