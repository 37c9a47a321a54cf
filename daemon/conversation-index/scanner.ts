import { basename, dirname, join } from "node:path";
import type { ConversationRoot } from "../../adapters/agents/conversation-adapter.ts";
import type { Catalogue } from "./catalogue.ts";
import { factsOf } from "./conversation-file.ts";
import { Places, type Root } from "./places.ts";

/** A file written within this time is likely to be written again. */
const LIKELY_MS = 60 * 60 * 1_000;

export interface ScannerEvents {
  /** Another path, through a link, of a folder or file. */
  onLink: (from: string, to: string) => void;
  /** A folder may be another one than before, although it has the same path. */
  onReplaced: (folder: string) => void;
}

/**
 * What is to be looked at next, in small steps: first what was reported to have changed, then roots, then folders, then
 * files, the one written last first.
 */
export class Scanner {
  readonly #catalogue: Catalogue;
  readonly #events: ScannerEvents;
  readonly #places: Places;
  readonly #reported = new Set<string>();
  readonly #roots = new Set<Root>();
  readonly #folders = new Set<string>();
  /** Folders that something was reported of: they may be other ones than before. */
  readonly #touched = new Set<string>();
  /** The last one is the next one. */
  #files: { path: string; writtenAt: number }[] = [];
  #sorted = true;
  #sweeping = false;

  constructor(isConversationFile: (name: string) => boolean, catalogue: Catalogue, events: ScannerEvents) {
    this.#catalogue = catalogue;
    this.#events = events;
    this.#places = new Places(isConversationFile, events.onLink);
  }

  /** Everything that has to be watched: the folders, and the roots that they lie in. */
  get watchable(): string[] {
    const roots = this.#places.roots.flatMap(({ real }) => real ?? []);
    return [...roots, ...this.#places.folders];
  }

  get troubles(): string[] {
    return this.#places.troubles;
  }

  /** Files that were found, and those of them that were read. */
  get progress(): { found: number; scanned: number } {
    const { files } = this.#catalogue;
    const unknown = this.#files.filter(({ path }) => !files.has(path)).length;
    return { found: files.size + unknown, scanned: files.size };
  }

  add(root: ConversationRoot): void {
    const added = this.#places.add(root);
    if (added !== undefined) this.#roots.add(added);
  }

  /** Looks at everything again. */
  sweep(): void {
    this.#sweeping = true;
    this.#files = [];
    for (const root of this.#places.roots) this.#roots.add(root);
  }

  /** Looks for roots that were not there. */
  seekMissing(): void {
    for (const root of this.#places.roots) {
      if (root.real === undefined && factsOf(root.path)) this.#roots.add(root);
    }
  }

  /** Looks at what is likely to have changed, where nothing is reported. */
  poll(): void {
    for (const root of this.#places.roots) this.#roots.add(root);
    for (const folder of this.#places.folders) if (this.#places.isStale(folder)) this.#folders.add(folder);
    const since = Date.now() - LIKELY_MS;
    for (const [path, { writtenAt }] of this.#catalogue.files) if (writtenAt > since) this.#reported.add(path);
  }

  /** Something was reported of what has this name in a folder; without a name, of anything in it. */
  happened(folder: string, name: string | undefined): void {
    if (name === undefined) return this.relist([folder]);
    const path = join(folder, name);
    if (this.#places.enter(path)) this.#reported.add(path);
    for (const root of this.#places.roots) {
      // A folder that goes is reported under its own name, also when another one takes its place.
      const touched = root.depth === 1 && root.real === folder ? path : folder;
      if (touched === folder && !(name === basename(folder) && root.folders.has(folder))) continue;
      this.#touched.add(touched);
      this.#roots.add(root);
    }
  }

  /** Lists these folders, which may be roots, again. */
  relist(folders: readonly string[]): void {
    for (const folder of folders) {
      const roots = this.#places.roots.filter(({ real }) => real === folder);
      for (const root of roots) this.#roots.add(root);
      if (roots.every(({ depth }) => depth === 0)) this.#folders.add(folder);
    }
  }

  /** Does the next small thing. False when there is none. */
  step(): boolean {
    const [reported] = this.#reported;
    if (reported !== undefined) this.#lookAtReported(reported);
    else if (this.#roots.size > 0) this.#listRoot();
    else if (this.#folders.size > 0) this.#listFolder();
    else if (this.#files.length > 0) this.#lookAtNext();
    else if (this.#sweeping) this.#endSweep();
    else return false;
    return true;
  }

  get idle(): boolean {
    return this.#reported.size + this.#roots.size + this.#folders.size + this.#files.length === 0 && !this.#sweeping;
  }

  /** True while everything is being looked at. */
  get sweeping(): boolean {
    return this.#sweeping;
  }

  /** Forgets what was known of files that are in none of the places. */
  purge(): void {
    for (const path of this.#catalogue.files.keys()) if (!this.#places.holds(path)) this.#catalogue.forget(path);
  }

  #lookAtReported(path: string): void {
    this.#reported.delete(path);
    const isFile = factsOf(path)?.isFile() ?? false;
    // Gone or come, it was or is a link to a file elsewhere.
    if (!isFile && !this.#catalogue.files.has(path)) this.#folders.add(dirname(path));
    else if (this.#catalogue.look(path)) this.#reported.add(path);
  }

  #listRoot(): void {
    const [root] = this.#roots;
    if (root === undefined) return;
    this.#roots.delete(root);
    const known = new Set(this.#places.folders);
    const { folders, gone } = this.#places.listRoot(root);
    for (const path of gone) this.#catalogue.forget(path);
    for (const folder of folders) {
      const touched = this.#touched.has(folder);
      if (touched) this.#events.onReplaced(folder);
      if (touched || this.#sweeping || !known.has(folder)) this.#folders.add(folder);
    }
    if (this.#roots.size === 0) this.#touched.clear();
  }

  #listFolder(): void {
    const [folder] = this.#folders;
    if (folder === undefined) return;
    this.#folders.delete(folder);
    const { files, gone } = this.#places.listFolder(folder);
    for (const path of gone) this.#catalogue.forget(path);
    for (const { path, stats } of files) {
      if (this.#catalogue.isCurrent(path, stats)) continue;
      this.#files.push({ path, writtenAt: stats.mtimeMs });
      this.#sorted = false;
    }
  }

  #lookAtNext(): void {
    if (!this.#sorted) this.#files.sort((left, right) => left.writtenAt - right.writtenAt);
    this.#sorted = true;
    const next = this.#files.pop();
    if (next !== undefined && this.#catalogue.read(next.path)) this.#files.push(next);
  }

  #endSweep(): void {
    this.#sweeping = false;
  }
}
