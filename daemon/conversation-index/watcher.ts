import { watch, type FSWatcher } from "chokidar";
import { systemErrorCode } from "../../runtime/failure.ts";

/** Each folder that is added makes chokidar look at everything in it, so they are added a few at a time. */
const FOLDERS_AT_ONCE = 4;
const PAUSE_MS = 5;
/** A folder is watched some time after it was added, and what happened in between is not reported. */
const SETTLED_AFTER_MS = [250, 2_000];

export interface FolderEvents {
  /** Something happened to what has this name in the folder; without a name, to the folder or anything in it. */
  onEvent: (folder: string, name: string | undefined) => void;
  /** These folders are watched now; what happened in them just before was not reported. */
  onWatched: (folders: readonly string[]) => void;
  /** The system refuses to watch more, with its error code. */
  onRefused: (code: string) => void;
}

/**
 * Watches folders, and no single file: ten thousand conversations cost as many watches as there are folders. So
 * chokidar is told to ignore all that is in them, and its `raw` events tell what the system reports.
 */
export class FolderWatcher {
  readonly #events: FolderEvents;
  readonly #watcher: FSWatcher;
  readonly #folders = new Set<string>();
  readonly #waiting = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #adding: NodeJS.Timeout | undefined;

  constructor(events: FolderEvents) {
    this.#events = events;
    // Variables for other programs of the user, which would make this one poll.
    delete process.env.CHOKIDAR_USEPOLLING;
    delete process.env.CHOKIDAR_INTERVAL;
    this.#watcher = watch([], {
      ignored: (path) => !this.#folders.has(path),
      depth: 0,
      ignoreInitial: true,
      ignorePermissionErrors: true,
      atomic: false,
    });
    this.#watcher.on("raw", (_event, name, details) => {
      const { watchedPath } = details as { watchedPath?: string };
      if (watchedPath !== undefined && this.#folders.has(watchedPath)) events.onEvent(watchedPath, name ?? undefined);
    });
    this.#watcher.on("error", (error) => {
      const code = systemErrorCode(error) ?? "unknown error";
      // A folder that may not be read, or has just gone, cannot be listed either, which is said.
      if (!["EACCES", "EPERM", "ENOENT"].includes(code)) events.onRefused(code);
    });
  }

  /** Watches exactly these folders, given by real path. */
  watchOnly(folders: Iterable<string>): void {
    const wanted = new Set(folders);
    for (const folder of this.#folders) if (!wanted.has(folder)) this.#remove(folder);
    for (const folder of wanted) if (!this.#folders.has(folder)) this.#add(folder);
  }

  /** Watches a folder anew that may be another one than before. */
  renew(folder: string): void {
    if (!this.#folders.has(folder)) return;
    this.#remove(folder);
    this.#add(folder);
  }

  async close(): Promise<void> {
    clearTimeout(this.#adding);
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#watcher.close();
  }

  #remove(folder: string): void {
    this.#folders.delete(folder);
    this.#waiting.delete(folder);
    this.#watcher.unwatch(folder);
  }

  #add(folder: string): void {
    this.#folders.add(folder);
    this.#waiting.add(folder);
    this.#adding ??= setTimeout(() => this.#addSome());
  }

  #addSome(): void {
    const some = [...this.#waiting].slice(0, FOLDERS_AT_ONCE);
    for (const folder of some) this.#waiting.delete(folder);
    this.#watcher.add(some);
    for (const afterMs of SETTLED_AFTER_MS) this.#after(afterMs, () => this.#events.onWatched(some));
    this.#adding = this.#waiting.size > 0 ? setTimeout(() => this.#addSome(), PAUSE_MS) : undefined;
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}
