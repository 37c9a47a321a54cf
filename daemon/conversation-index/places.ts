import { readdirSync, realpathSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ConversationRoot } from "../../adapters/agents/conversation-adapter.ts";
import { systemErrorCode } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { factsOf } from "./conversation-file.ts";

/** A place that was asked for, as it was found. */
export interface Root extends ConversationRoot {
  /** Its real path; absent while there is no such folder. */
  real?: string;
  /** The folders of conversations in it, or itself, by real path. */
  folders: Set<string>;
}

/** A folder with conversations. Both by real path. */
interface Folder {
  files: Set<string>;
  /** Its modification time when it was listed, in milliseconds. */
  listedAt: number;
}

/** What a folder holds now, and what it held before. */
export interface Listing {
  files: { path: string; stats: Stats }[];
  gone: string[];
}

/**
 * Where conversations lie: roots, the folders in them, the files in those. Everything goes by real path, so that a file
 * which can be reached in two ways is one file and a loop of links ends; the other ways to it are kept as links.
 */
export class Places {
  readonly roots: Root[] = [];
  readonly #folders = new Map<string, Folder>();
  readonly #troubles = new Map<string, string>();
  readonly #isConversationFile: (name: string) => boolean;
  readonly #onLink: (from: string, to: string) => void;

  constructor(isConversationFile: (name: string) => boolean, onLink: (from: string, to: string) => void) {
    this.#isConversationFile = isConversationFile;
    this.#onLink = onLink;
  }

  get folders(): Iterable<string> {
    return this.#folders.keys();
  }

  /** Sentences about what cannot be read. */
  get troubles(): string[] {
    return [...this.#troubles.values()];
  }

  /** Adds a root, unless it is there already. */
  add({ path, depth }: ConversationRoot): Root | undefined {
    if (this.roots.some((root) => root.path === path && root.depth === depth)) return undefined;
    const root: Root = { path, depth, folders: new Set() };
    this.roots.push(root);
    return root;
  }

  /** True when a listed folder holds this file. */
  holds(path: string): boolean {
    return this.#folders.get(dirname(path))?.files.has(path) ?? this.#isLinked(path);
  }

  /** Enters a file that has appeared; false when it lies in no listed folder or is none of its conversations. */
  enter(path: string): boolean {
    const folder = this.#folders.get(dirname(path));
    if (folder === undefined || !this.#isConversationFile(basename(path))) return false;
    folder.files.add(path);
    return true;
  }

  /** True for a folder whose content has changed since it was listed, as far as its own modification time says. */
  isStale(path: string): boolean {
    return factsOf(path)?.mtimeMs !== this.#folders.get(path)?.listedAt;
  }

  /** Looks at a root again and returns its folders, and the files that went with folders of it that are gone. */
  listRoot(root: Root): { folders: string[]; gone: string[] } {
    const before = root.folders;
    root.folders = new Set(this.#foldersOf(root));
    const dropped = [...before].filter((path) => !this.roots.some(({ folders }) => folders.has(path)));
    return { folders: [...root.folders], gone: dropped.flatMap((path) => this.#drop(path)) };
  }

  /** Looks at a folder again. */
  listFolder(path: string): Listing {
    const before = this.#folders.get(path)?.files;
    const listedAt = factsOf(path)?.mtimeMs ?? 0;
    const files = new Set<string>();
    const found: Listing["files"] = [];
    for (const name of this.#namesIn(path)) {
      if (!this.#isConversationFile(name)) continue;
      const file = this.#fileOf(`${path}/${name}`);
      if (file === undefined || files.has(file.path)) continue;
      files.add(file.path);
      found.push(file);
    }
    this.#folders.set(path, { files, listedAt });
    return { files: found, gone: [...(before ?? [])].filter((file) => !files.has(file) && !this.holds(file)) };
  }

  #drop(path: string): string[] {
    const files = this.#folders.get(path)?.files ?? [];
    this.#folders.delete(path);
    this.#troubles.delete(path);
    return [...files].filter((file) => !this.holds(file));
  }

  /** Files that are reached through links only are few; nearly all lie in the folder that holds them. */
  #isLinked(path: string): boolean {
    return [...this.#folders.values()].some(({ files }) => files.has(path));
  }

  #foldersOf(root: Root): string[] {
    const real = this.#realPath(root.path);
    if (real === undefined) delete root.real;
    else root.real = real;
    if (real === undefined || root.depth === 0) return real === undefined ? [] : [real];
    return this.#namesIn(real).flatMap((name) => {
      const path = join(real, name);
      const stats = factsOf(path);
      if (stats?.isDirectory()) return [path];
      return stats?.isSymbolicLink() && this.#follow(path)?.isDirectory() ? (this.#realPath(path) ?? []) : [];
    });
  }

  #fileOf(path: string): { path: string; stats: Stats } | undefined {
    const stats = factsOf(path);
    if (stats?.isFile()) return { path, stats };
    const followed = stats?.isSymbolicLink() ? this.#follow(path) : undefined;
    const real = followed?.isFile() ? this.#realPath(path) : undefined;
    return followed === undefined || real === undefined ? undefined : { path: real, stats: followed };
  }

  /** Undefined for a link that leads nowhere or in a circle. */
  #follow(path: string): Stats | undefined {
    try {
      return statSync(path, { throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }

  #realPath(path: string): string | undefined {
    try {
      const real = realpathSync.native(path);
      if (real !== path) this.#onLink(path, real);
      this.#troubles.delete(path);
      return real;
    } catch (error) {
      this.#note(path, error);
      return undefined;
    }
  }

  #namesIn(folder: string): string[] {
    try {
      const names = readdirSync(folder);
      this.#troubles.delete(folder);
      return names;
    } catch (error) {
      this.#note(folder, error);
      return [];
    }
  }

  #note(folder: string, error: unknown): void {
    const code = systemErrorCode(error) ?? "unknown error";
    if (code === "ENOENT" || code === "ENOTDIR") this.#troubles.delete(folder);
    else this.#troubles.set(folder, unreadable(folder, code));
  }
}

function unreadable(folder: string, code: string): string {
  const name = plainText(folder, { maxCells: 300 });
  if (code === "EACCES" || code === "EPERM") {
    return `The conversations in ${name} are not listed: you have no right to read that folder.`;
  }
  return `The conversations in ${name} are not listed: the folder cannot be read (${code}).`;
}
